import { describe, expect, test } from 'vitest';
import { enterSlot, HAND_OVER_WINDOW_MS, hold, leave, type SlotDecision } from '../../../shared/core/slot.ts';
import type { Slot } from '../../../shared/core/subscription.ts';
import { MINUTE, SECOND } from '../../support/durations.ts';
import { aSlot } from '../../support/shards.ts';

const NOW = 10 * MINUTE;
const tick = { worker: 0, owner: 'tick', durationMs: 30 * SECOND, handOverAtMs: 24 * MINUTE };

/** Whose a slot is, and how near its hand-over. */
type Holder = 'nobody, ever' | 'nobody' | 'expired' | 'far from hand-over' | 'near hand-over' | 'past hand-over';
/** Whether a tick waits for it. */
type Waiting = 'none' | 'this tick' | 'another' | 'another, too long';

const held = { owner: 'walk', expiresAtMs: NOW + 1 } as const;

const holders: Record<Holder, Slot | null> = {
  'nobody, ever': null,
  nobody: aSlot({ owner: null, expiresAtMs: NOW + 1 }),
  expired: aSlot({ ...held, expiresAtMs: NOW, handOverAtMs: NOW + MINUTE }),
  'far from hand-over': aSlot({ ...held, handOverAtMs: NOW + 130 * SECOND + 1 }),
  'near hand-over': aSlot({ ...held, handOverAtMs: NOW + 130 * SECOND }),
  'past hand-over': aSlot({ ...held, handOverAtMs: NOW - SECOND }),
};

const waiters: Record<Waiting, Partial<Slot>> = {
  none: {},
  'this tick': { waiter: 'tick', waiterUntilMs: NOW + 1 },
  another: { waiter: 'another', waiterUntilMs: NOW + 1 },
  'another, too long': { waiter: 'another', waiterUntilMs: NOW },
};

const always = (kind: SlotDecision['kind']): Record<Waiting, SlotDecision['kind']> => ({
  none: kind,
  'this tick': kind,
  another: kind,
  'another, too long': kind,
});
const unlessAwaited: Record<Waiting, SlotDecision['kind']> = {
  none: 'wait',
  'this tick': 'wait',
  another: 'leave',
  'another, too long': 'wait',
};

const table: Record<Holder, Record<Waiting, SlotDecision['kind']>> = {
  'nobody, ever': always('take'),
  nobody: always('take'),
  expired: always('take'),
  'far from hand-over': always('leave'),
  'near hand-over': unlessAwaited,
  'past hand-over': unlessAwaited,
};

const entriesOf = <const K extends string, V>(record: Record<K, V>) => Object.entries(record) as [K, V][];

describe('a tick, by whose the slot is and who waits for it', () => {
  for (const [holder, row] of entriesOf(table)) {
    for (const [waiting, kind] of entriesOf(row)) {
      test(`${holder}, waiting ${waiting}: ${kind}`, () => {
        const slot = holders[holder] && { ...holders[holder], ...waiters[waiting] };

        expect(enterSlot(slot, tick, NOW).kind).toBe(kind);
      });
    }
  }
});

test('the hand-over window is the schedule’s minute, a minute of lateness, and ten seconds', () => {
  expect(HAND_OVER_WINDOW_MS).toBe(130 * SECOND);
});

test('a first tick writes the slot’s first revision', () => {
  expect(enterSlot(null, { ...tick, worker: 3 }, NOW)).toEqual({
    kind: 'take',
    next: aSlot({
      worker: 3,
      owner: 'tick',
      expiresAtMs: NOW + 30 * SECOND,
      handOverAtMs: 24 * MINUTE,
      lastSeenAtMs: NOW,
    }),
  });
});

test('a tick that takes over from a dead walk forgets who waited for that one', () => {
  const slot = aSlot({ revision: 5, owner: 'walk', waiter: 'another', waiterUntilMs: NOW + MINUTE });

  expect(hold(slot, tick, NOW)).toEqual(
    aSlot({
      revision: 6,
      owner: 'tick',
      expiresAtMs: NOW + 30 * SECOND,
      handOverAtMs: 24 * MINUTE,
      lastSeenAtMs: NOW,
    }),
  );
});

test('a walk that renews its slot keeps the tick that waits for it', () => {
  const slot = aSlot({ revision: 5, owner: 'tick', waiter: 'another', waiterUntilMs: NOW + MINUTE });

  expect(hold(slot, tick, NOW)).toMatchObject({ revision: 6, waiter: 'another', waiterUntilMs: NOW + MINUTE });
});

test('a waiting tick leaves its name, and waits until the slot would expire after the hand-over', () => {
  const slot = aSlot({ ...held, revision: 5, handOverAtMs: NOW + MINUTE });

  expect(enterSlot(slot, tick, NOW)).toEqual({
    kind: 'wait',
    untilMs: NOW + 90 * SECOND,
    next: { ...slot, revision: 6, waiter: 'tick', waiterUntilMs: NOW + 90 * SECOND },
  });
});

test('a slot given back is free at once, and says when its worker was last seen', () => {
  const slot = aSlot({ ...held, revision: 5, handOverAtMs: NOW + MINUTE, waiter: 'another', waiterUntilMs: NOW + 1 });

  const left = leave(slot, NOW);

  expect(left).toEqual({ ...slot, revision: 6, owner: null, expiresAtMs: 0, handOverAtMs: 0, lastSeenAtMs: NOW });
  expect(enterSlot(left, tick, NOW).kind).toBe('take');
});

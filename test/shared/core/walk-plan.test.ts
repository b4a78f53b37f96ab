import { describe, expect, test } from 'vitest';
import type { LeaseRow } from '../../../shared/core/lease.ts';
import { shardEnd } from '../../../shared/core/position.ts';
import { activeWorkers, planWalk, presentOwners, type WalkPlan } from '../../../shared/core/walk-plan.ts';
import { MINUTE, SECOND } from '../../support/durations.ts';
import { aGap, aSlot, rows, type ShardTree } from '../../support/shards.ts';

const NOW = 10 * MINUTE;
const BOTH = ['us', 'them'];

const held = (owner: string, changes: Partial<LeaseRow> = {}): Partial<LeaseRow> => ({
  owner,
  epoch: 1,
  expiresAtMs: NOW + 1,
  ...changes,
});

const idsOf = (planned: readonly LeaseRow[]): readonly string[] => planned.map((row) => row.shardId);
const planOf = (plan: WalkPlan) => ({ claim: idsOf(plan.claim), request: idsOf(plan.request) });

const roots: ShardTree = { a: [], b: [], c: [], d: [] };

describe('a worker alone', () => {
  test('claims every readable shard', () => {
    expect(planOf(planWalk(rows(roots), 'us', 1, NOW))).toEqual({ claim: ['a', 'b', 'c', 'd'], request: [] });
  });

  test('claims what expired, and leaves what another or it itself holds', () => {
    const known = rows(roots, { a: held('them'), b: held('them', { expiresAtMs: NOW }), c: held('us') });

    expect(planOf(planWalk(known, 'us', 1, NOW)).claim).toEqual(['b', 'd']);
  });

  test('claims what expired while it held it', () => {
    const known = rows({ a: [] }, { a: held('us', { expiresAtMs: NOW }) });

    expect(planOf(planWalk(known, 'us', 1, NOW)).claim).toEqual(['a']);
  });

  test('claims a child only once its parent is at its end (I5)', () => {
    const known = rows({ a: ['c'], b: ['d'] }, { a: { position: shardEnd() } });

    expect(idsOf(planWalk(known, 'us', 1, NOW).claim)).toEqual(['b', 'c']);
  });

  test('goes on counting itself where its slot is not seen', () => {
    expect(idsOf(planWalk(rows({ a: [] }), 'us', 1, NOW, []).claim)).toEqual(['a']);
  });

  test('plans even where no slot counts', () => {
    expect(idsOf(planWalk(rows({ a: [], b: [] }), 'us', 0, NOW).claim)).toEqual(['a', 'b']);
  });
});

describe('the order of claims', () => {
  test('begins with the shard that was not seen for the longest time', () => {
    const known = rows(roots, {
      a: { lastRecordAtMs: 3 * SECOND },
      b: { lastRecordAtMs: SECOND, caughtUpAtMs: 4 * SECOND },
      c: { caughtUpAtMs: 2 * SECOND },
    });

    expect(idsOf(planWalk(known, 'us', 1, NOW).claim)).toEqual(['d', 'c', 'a', 'b']);
  });

  test('is that of ids where nothing else tells', () => {
    const known = new Map([...rows(roots)].toReversed());

    expect(idsOf(planWalk(known, 'us', 1, NOW).claim)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('lets no shard wait for ever behind shards that never have a record', () => {
    const first = planWalk(rows({ a: [], b: [], c: [] }), 'us', 2, NOW);
    const known = rows({ a: [], b: [], c: [] }, { a: { caughtUpAtMs: NOW }, b: { caughtUpAtMs: NOW } });

    expect(idsOf(first.claim)).toEqual(['a', 'b']);
    expect(idsOf(planWalk(known, 'us', 2, NOW).claim)).toContain('c');
  });
});

describe('several workers', () => {
  test('that plan at the same time claim different shards, the longest unread first', () => {
    const known = rows({ a: [], b: [], c: [], d: [], e: [] });

    expect(idsOf(planWalk(known, 'us', 2, NOW, BOTH).claim)).toEqual(['a', 'c', 'e']);
    expect(idsOf(planWalk(known, 'them', 2, NOW, BOTH).claim)).toEqual(['b', 'd']);
  });

  test('claim no more than their share, even while another’s walk is not running', () => {
    expect(idsOf(planWalk(rows(roots), 'us', 2, NOW).claim)).toEqual(['a', 'b']);
    expect(idsOf(planWalk(rows(roots), 'us', 3, NOW).claim)).toEqual(['a', 'b']);
  });

  test('claim first for the one that holds the fewest', () => {
    const known = rows(roots, { a: held('us'), b: held('us') });

    expect(planWalk(known, 'us', 2, NOW, BOTH).claim).toEqual([]);
    expect(idsOf(planWalk(known, 'them', 2, NOW, BOTH).claim)).toEqual(['c', 'd']);
  });

  test('ask for what another holds beyond its share', () => {
    const all = { a: held('them'), b: held('them'), c: held('them'), d: held('them') };

    expect(planOf(planWalk(rows(roots, all), 'us', 2, NOW, BOTH))).toEqual({ claim: [], request: ['a', 'b'] });
    expect(planOf(planWalk(rows(roots, all), 'them', 2, NOW, BOTH))).toEqual({ claim: [], request: [] });
  });

  test('count no child that waits for its parent into a share', () => {
    const known = rows({ a: ['b'], c: ['d'] }, { a: held('them'), c: held('them') });

    expect(planOf(planWalk(known, 'us', 2, NOW, BOTH)).request).toHaveLength(1);
  });

  test('ask also where there are fewer shards than workers', () => {
    const known = rows({ a: [], b: [] }, { a: held('them'), b: held('them') });

    expect(idsOf(planWalk(known, 'us', 3, NOW, [...BOTH, 'third']).request)).toEqual(['a']);
    expect(idsOf(planWalk(known, 'third', 3, NOW, [...BOTH, 'third']).request)).toEqual([]);
  });

  test('ask for nothing more than what was asked for already', () => {
    const known = rows(roots, {
      a: held('them', { claimant: 'us' }),
      b: held('them', { claimant: 'us' }),
      c: held('them'),
      d: held('them'),
    });

    expect(planWalk(known, 'us', 2, NOW, BOTH).request).toEqual([]);
  });

  test('ask for what is still too much when a walk that asked is gone', () => {
    const known = rows(roots, {
      a: held('them', { claimant: 'gone' }),
      b: held('them'),
      c: held('them'),
      d: held('them'),
    });

    expect(idsOf(planWalk(known, 'us', 2, NOW, BOTH).request)).toEqual(['b']);
  });

  test('ask for nothing while free shards make up their share', () => {
    const known = rows({ ...roots, e: [] }, { a: held('them'), b: held('them'), c: held('them') });

    expect(planOf(planWalk(known, 'us', 2, NOW, BOTH))).toEqual({ claim: ['d', 'e'], request: [] });
  });

  test('ask for nothing where everybody holds a share, rounded up or down', () => {
    const known = rows(
      { ...roots, e: [] },
      { a: held('them'), b: held('them'), c: held('them'), d: held('us'), e: held('us') },
    );

    expect(planOf(planWalk(known, 'us', 2, NOW, BOTH))).toEqual({ claim: [], request: [] });
  });

  test('do not ask a walk whose lease is over: they claim it', () => {
    const known = rows(
      { a: [], b: [] },
      { a: held('them', { expiresAtMs: NOW }), b: held('them', { expiresAtMs: NOW }) },
    );

    expect(planOf(planWalk(known, 'us', 1, NOW))).toEqual({ claim: ['a', 'b'], request: [] });
  });
});

describe('the figures of a plan', () => {
  test('count shards by what can become of them', () => {
    const known = rows(
      { a: ['b'], c: ['d'], e: [] },
      { a: { position: shardEnd() }, b: { gap: aGap({ status: 'halted' }) }, e: { gap: aGap({ status: 'reported' }) } },
    );

    const { readable, waiting, finished, halted, isDrained } = planWalk(known, 'us', 1, NOW);

    expect({ readable, waiting, finished, halted, isDrained }).toEqual({
      readable: 2,
      waiting: 1,
      finished: 1,
      halted: 1,
      isDrained: false,
    });
  });

  test('say that a stream is drained only when every shard is at its end', () => {
    const done = { position: shardEnd() };

    expect(planWalk(rows({ a: ['b'] }, { a: done, b: done }), 'us', 1, NOW).isDrained).toBe(true);
    expect(planWalk(rows({ a: ['b'] }, { a: done }), 'us', 1, NOW).isDrained).toBe(false);
  });
});

describe('the slots', () => {
  test('count as workers until two ticks after their last walk, and never as fewer than one', () => {
    const slots = [aSlot({ lastSeenAtMs: NOW }), aSlot({ lastSeenAtMs: NOW - 2 * MINUTE + 1 })];

    expect(activeWorkers([...slots, aSlot({ lastSeenAtMs: NOW - 2 * MINUTE })], NOW)).toBe(2);
    expect(activeWorkers([], NOW)).toBe(1);
  });

  test('name the walks that run now, in the order of their workers', () => {
    const slots = [
      aSlot({ worker: 10, owner: 'ten', expiresAtMs: NOW + 1 }),
      aSlot({ worker: 2, owner: 'two', expiresAtMs: NOW + 1 }),
      aSlot({ worker: 3, owner: 'dead', expiresAtMs: NOW }),
      aSlot({ worker: 4, owner: null, expiresAtMs: NOW + 1 }),
    ];

    expect(presentOwners(slots, NOW)).toEqual(['two', 'ten']);
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  advance,
  claim,
  finish,
  type LeaseRow,
  outcomeOf,
  release,
  type WriteOutcome,
} from '../../../shared/core/lease.ts';
import { afterSequenceNumber, comparePositions } from '../../../shared/core/position.ts';
import { SECOND } from '../../support/durations.ts';
import { aLease, aProgress } from '../../support/shards.ts';

const OWNERS = ['walk-1', 'walk-2', 'walk-3'] as const;

/** What happens to a write: it is stored or not, now or late, and its answer arrives or not. */
const fates = ['answered', 'answer lost', 'lost', 'late'] as const;

const step = fc.record({
  owner: fc.constantFrom(...OWNERS),
  act: fc.constantFrom('claim', 'claim', 'advance', 'advance', 'advance', 'release', 'finish'),
  fate: fc.constantFrom('answered', ...fates),
  settled: fc.integer({ min: 1, max: 3 }),
  sleptMs: fc.constantFrom(0, 5 * SECOND, 30 * SECOND),
});

interface Write {
  readonly previous: LeaseRow;
  readonly next: LeaseRow;
}

test('whatever becomes of its writes, no two owners share an epoch and no stored position goes back (I3, I4)', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const history: LeaseRow[] = [aLease()];
      const late: Write[] = [];
      const known = new Map<string, LeaseRow>();
      let nowMs = 0;
      const stored = (): LeaseRow => history[history.length - 1]!;
      const store = ({ previous, next }: Write): boolean => {
        const row = stored();
        const holds =
          row.owner === previous.owner && row.epoch === previous.epoch && row.revision === previous.revision;
        if (holds) history.push(next);
        return holds;
      };

      for (const { owner, act, fate, settled, sleptMs } of steps) {
        nowMs += sleptMs;
        const row = (act === 'claim' ? null : known.get(owner)) ?? stored();
        const settledUpTo = 'sequenceNumber' in row.position ? Number(row.position.sequenceNumber) + settled : settled;
        const progress = aProgress({ position: afterSequenceNumber(String(settledUpTo)) });
        const change = {
          claim: () => claim(row, owner, nowMs, 20 * SECOND),
          advance: () => advance(row, progress, nowMs + 20 * SECOND),
          release: () => release(row, progress),
          finish: () => finish(row, null, undefined, 'stored', nowMs),
        }[act]();
        if (!change.ok || (act !== 'claim' && row.owner !== owner)) continue;

        let write: Write | null = { previous: row, next: change.next };
        for (let isFirst = true; write !== null; isFirst = false) {
          if (isFirst && fate === 'late') late.push(write);
          const isStored: boolean = !(isFirst && (fate === 'lost' || fate === 'late')) && store(write);
          const isAnswered: boolean = isStored && !(isFirst && fate === 'answer lost');
          const outcome: WriteOutcome = isAnswered
            ? { kind: 'applied' }
            : outcomeOf(write.previous, write.next, stored());
          known.set(owner, outcome.kind === 'applied' ? write.next : stored());
          if (outcome.kind === 'repeat') {
            if (late.length > 0) store(late.shift()!);
            write = { previous: outcome.previous, next: outcome.next };
          } else write = null;
        }
      }
      late.forEach(store);

      const ownerOf = new Map<number, string>();
      for (const [index, row] of history.entries()) {
        const before = history[index - 1];
        if (before) expect(comparePositions(row.position, before.position)).toBeGreaterThanOrEqual(0);
        if (before) expect(row.revision).toBe(before.revision + 1);
        if (row.owner !== null) expect(ownerOf.get(row.epoch) ?? row.owner).toBe(row.owner);
        if (row.owner !== null) ownerOf.set(row.epoch, row.owner);
      }
    }),
    { numRuns: 1_000 },
  );
});

import { setTimeout as sleep } from 'node:timers/promises';
import type { LeaseRow } from '../../../shared/core/lease.ts';
import type { LeaseKey, State } from '../../../shared/core/ports.ts';
import { comparePositions } from '../../../shared/core/position.ts';
import { compareSequenceNumbers } from '../../../shared/core/sequence-number.ts';

/** Somebody who reads a subscription's lease rows all the time, from outside. */
export interface PositionWatch {
  /** How many different positions were seen. */
  readonly positions: () => number;
  /** Rows that went back, in words: a position, an epoch or a revision. */
  readonly backwards: readonly string[];
  /** Positions that lay behind a record whose delivery had not ended, by a ledger of all deliveries; in words. */
  readonly premature: (settledAtMs: ReadonlyMap<string, number>) => readonly string[];
  /** Ends the watch after one last look. */
  readonly stop: () => Promise<void>;
}

/** Begins to watch the rows of a key, looking again `everyMs` after each look. */
export function watchPositions(state: State, key: LeaseKey, everyMs = 15): PositionWatch {
  const seen = new Map<string, LeaseRow>();
  const backwards: string[] = [];
  const firstSeenAtMs = new Map<string, number>();
  let positions = 0;
  let isStopped = false;

  const look = async (): Promise<void> => {
    const rows = await state.leases(key);
    const atMs = performance.now();
    for (const row of rows) {
      const upTo = row.position.at === 'after-sequence-number' ? row.position.sequenceNumber : null;
      if (upTo !== null && !firstSeenAtMs.has(upTo)) firstSeenAtMs.set(upTo, atMs);
      const before = seen.get(row.shardId);
      seen.set(row.shardId, row);
      if (before === undefined) continue;
      const moved = comparePositions(row.position, before.position);
      if (moved > 0) positions++;
      if (moved < 0 || row.epoch < before.epoch || row.revision < before.revision) {
        backwards.push(`${JSON.stringify(before)} became ${JSON.stringify(row)}`);
      }
    }
  };
  const watching = (async () => {
    while (!isStopped) {
      await look();
      await sleep(everyMs);
    }
    await look();
  })();
  return {
    positions: () => positions,
    backwards,
    premature: (settledAtMs) => prematureAmong(firstSeenAtMs, settledAtMs),
    stop: () => {
      isStopped = true;
      return watching;
    },
  };
}

function prematureAmong(
  firstSeenAtMs: ReadonlyMap<string, number>,
  settledAtMs: ReadonlyMap<string, number>,
): readonly string[] {
  return [...firstSeenAtMs].flatMap(([upTo, atMs]) =>
    [...settledAtMs]
      .filter(([number, ms]) => ms > atMs && compareSequenceNumbers(number, upTo) <= 0)
      .slice(0, 1)
      .map(([number]) => `after ${upTo} was stored before ${number} was settled`),
  );
}

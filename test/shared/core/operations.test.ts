import { describe, expect, test } from 'vitest';
import { acceptGap, busyUntilMs, carriedStreams, nextGeneration } from '../../../shared/core/operations.ts';
import type { StreamRow } from '../../../shared/core/subscription.ts';
import { aGap, aLease } from '../../support/shards.ts';
import { aStreamRow, HOUR, NOW, STREAM } from '../operations/a-subscription.ts';

const made = (createdAtMs: number, changes: Partial<StreamRow> = {}): StreamRow =>
  aStreamRow({ stream: { arn: `${STREAM.arn}-${createdAtMs}`, createdAtMs }, ...changes });
const carried = (streams: readonly StreamRow[], momentMs: number) =>
  carriedStreams(streams, 1, 2, { at: 'time', momentMs }, NOW).map((row) => row.stream.createdAtMs);

test('a new generation is above every one of which there is a row', () => {
  expect(nextGeneration(3, [])).toBe(4);
  expect(nextGeneration(3, [made(1, { generation: 5 }), made(2, { generation: 2 })])).toBe(6);
});

describe('the streams that a new generation begins with', () => {
  test('are those that were read last at its start, oldest first, as if nobody had read them', () => {
    const streams = [made(NOW - HOUR, { retentionMs: 7 }), made(NOW - 5 * HOUR, { isDrained: true })];

    const rows = carriedStreams(streams, 1, 2, { at: 'time', momentMs: NOW - 2 * HOUR }, NOW);

    expect(rows).toEqual([
      {
        ...made(NOW - 5 * HOUR),
        revision: 0,
        generation: 2,
        isFirstListingComplete: false,
        listedAtMs: 0,
      },
      {
        ...made(NOW - HOUR),
        revision: 0,
        generation: 2,
        isReplacement: true,
        isFirstListingComplete: false,
        listedAtMs: 0,
        retentionMs: 7,
      },
    ]);
    expect(rows[0]).not.toHaveProperty('retentionMs');
  });

  test('leave out one that was replaced before the start, or when it was', () => {
    const streams = [made(NOW - 9 * HOUR), made(NOW - 5 * HOUR), made(NOW - HOUR)];

    expect(carried(streams, NOW - 6 * HOUR)).toEqual([NOW - 9 * HOUR, NOW - 5 * HOUR, NOW - HOUR]);
    expect(carried(streams, NOW - 5 * HOUR)).toEqual([NOW - 5 * HOUR, NOW - HOUR]);
    expect(carried(streams, NOW)).toEqual([NOW - HOUR]);
  });

  test('leave out those of other generations, and the scans of runs', () => {
    const streams = [made(NOW - 3 * HOUR, { generation: 0 }), made(NOW - 2 * HOUR, { run: 1 }), made(NOW - HOUR)];

    expect(carried(streams, NOW - 9 * HOUR)).toEqual([NOW - HOUR]);
  });
});

test('leases are busy until the last of those that somebody holds expires', () => {
  const free = aLease({ expiresAtMs: 900 });
  const expired = aLease({ owner: 'walk-1', expiresAtMs: 100 });
  const held = aLease({ owner: 'walk-1', expiresAtMs: 101 });
  const longer = aLease({ owner: 'walk-2', expiresAtMs: 300 });

  expect(busyUntilMs([free, expired], 100)).toBe(0);
  expect(busyUntilMs([free, longer, held, expired], 100)).toBe(300);
});

describe('a gap that is accepted', () => {
  const halted = aLease({ epoch: 3, revision: 8, gap: aGap({ status: 'halted' }) });

  test('lets a free shard go on', () => {
    expect(acceptGap(halted, 'reported', NOW)).toEqual({
      ok: true,
      next: { ...halted, revision: 9, gap: aGap({ status: 'reported', acceptedAtMs: NOW }) },
    });
  });

  test('takes an expired lease from its owner, who writes nothing any more', () => {
    const frozen = { ...halted, owner: 'walk-1', expiresAtMs: NOW, claimant: 'walk-2' };

    expect(acceptGap(frozen, 'undelivered', NOW)).toEqual({
      ok: true,
      next: { ...halted, epoch: 4, revision: 9, gap: aGap({ status: 'undelivered', acceptedAtMs: NOW }) },
    });
  });

  test('has to wait while a walk holds the lease', () => {
    const held = { ...halted, owner: 'walk-1', expiresAtMs: NOW + 1 };

    expect(acceptGap(held, 'reported', NOW)).toEqual({ ok: false, reason: 'held' });
  });

  test('is refused where no shard is halted', () => {
    expect(acceptGap(aLease(), 'reported', NOW)).toEqual({ ok: false, reason: 'finished' });
    expect(acceptGap(aLease({ gap: aGap() }), 'reported', NOW)).toEqual({ ok: false, reason: 'finished' });
  });
});

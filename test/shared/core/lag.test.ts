import fc from 'fast-check';
import { expect, test } from 'vitest';
import { awaitedLagMs, hoursUntilLoss, shardLags, streamLagMs } from '../../../shared/core/lag.ts';
import { afterSequenceNumber, atSequenceNumber, shardEnd, trimHorizon } from '../../../shared/core/position.ts';
import type { StreamRow } from '../../../shared/core/subscription.ts';
import { HOUR, MINUTE, SECOND } from '../../support/durations.ts';
import { aGap, rows } from '../../support/shards.ts';

const NOW = Date.UTC(2026, 0, 2);
const aStream = (createdAtMs: number, changes: Partial<StreamRow> = {}): StreamRow => ({
  kind: 'stream',
  revision: 0,
  generation: 1,
  stream: { arn: 'arn', createdAtMs },
  isReplacement: false,
  isFirstListingComplete: true,
  listedAtMs: NOW,
  isDrained: false,
  ...changes,
});
const moment = { nowMs: NOW, stream: aStream(NOW - 100 * HOUR) };
/** A shard's id in AWS's form. */
const shardOf = (createdAtMs: number): string => `shardId-${String(createdAtMs).padStart(20, '0')}-0a1b2c3d`;

test('a shard that was just seen without unread records has no lag, however old its last record is', () => {
  const quiet = rows({ a: [] }, { a: { epoch: 1, lastRecordAtMs: NOW - 9 * HOUR, caughtUpAtMs: NOW } });

  expect(streamLagMs(quiet, moment)).toBe(0);
});

test('a shard that nobody reads ages from the moment at which it was last seen caught up', () => {
  const abandoned = rows({ a: [] }, { a: { epoch: 1, lastRecordAtMs: NOW - 9 * HOUR, caughtUpAtMs: NOW - HOUR } });

  expect(streamLagMs(abandoned, moment)).toBe(HOUR);
});

test('a shard whose handler fails ages from its last settled record', () => {
  const stuck = rows({ a: [] }, { a: { epoch: 1, lastRecordAtMs: NOW - 2 * HOUR, caughtUpAtMs: NOW - 3 * HOUR } });

  expect(streamLagMs(stuck, moment)).toBe(2 * HOUR);
});

test('a shard that a gap halts goes on ageing', () => {
  const halted = rows({ a: [] }, { a: { epoch: 1, lastRecordAtMs: NOW - HOUR, gap: aGap({ status: 'halted' }) } });

  expect(streamLagMs(halted, moment)).toBe(HOUR);
});

test('finished shards have no lag, and a stream of nothing else has none', () => {
  const finished = rows({ a: [] }, { a: { position: shardEnd(), lastRecordAtMs: NOW - HOUR, children: 'stored' } });

  expect(shardLags(finished, moment)).toEqual([]);
  expect(streamLagMs(finished, moment)).toBe(0);
});

test('an unread child is as old as its id says, whenever its parent was read to its end', () => {
  const [parent, child] = [shardOf(NOW - 9 * HOUR), shardOf(NOW - 5 * HOUR)];
  const late = rows(
    { [parent]: [child] },
    { [parent]: { position: shardEnd(), lastRecordAtMs: NOW - 8 * HOUR, caughtUpAtMs: NOW, children: 'stored' } },
  );

  expect(shardLags(late, moment)).toEqual([{ shardId: child, lagMs: 5 * HOUR }]);
});

test('an unread child whose id tells nothing inherits the last record of the nearest ancestor that had one', () => {
  const ended = { position: shardEnd(), caughtUpAtMs: NOW, children: 'stored' } as const;
  const tree = rows({ a: ['b'], b: ['c'] }, { a: { ...ended, lastRecordAtMs: NOW - 3 * HOUR }, b: ended });

  expect(shardLags(tree, moment)).toEqual([{ shardId: 'c', lagMs: 3 * HOUR }]);
});

test('a child that waits for its parent counts, though the parent was seen caught up', () => {
  const child = shardOf(NOW - 10 * MINUTE);
  const waiting = rows({ a: [child] }, { a: { epoch: 1, caughtUpAtMs: NOW } });

  expect(streamLagMs(waiting, moment)).toBe(10 * MINUTE);
});

test('a finished shard answers for children that are not visible yet, which are younger than the last listing', () => {
  const end = { position: shardEnd(), finishedAtMs: NOW, caughtUpAtMs: NOW, children: 'not-visible' } as const;
  const listed = (listedAtMs: number) => ({ ...moment, stream: aStream(NOW - 100 * HOUR, { listedAtMs }) });

  expect(streamLagMs(rows({ a: [] }, { a: { ...end, lastRecordAtMs: NOW - HOUR } }), listed(NOW - 2 * HOUR))).toBe(
    HOUR,
  );
  expect(streamLagMs(rows({ a: [] }, { a: { ...end, lastRecordAtMs: NOW - 9 * HOUR } }), listed(NOW - HOUR))).toBe(
    HOUR + MINUTE,
  );
});

test('children that the last listing did not show in a day are not waited for; one that was long ago says nothing', () => {
  const end = { position: shardEnd(), finishedAtMs: NOW - 30 * HOUR, children: 'not-visible' } as const;
  const ended = rows({ a: [] }, { a: end });

  expect(shardLags(ended, moment)).toEqual([]);
  expect(streamLagMs(ended, { ...moment, stream: aStream(NOW - 100 * HOUR, { listedAtMs: NOW - 29 * HOUR }) })).toBe(
    24 * HOUR,
  );
});

test('a second child may be missing until a listing confirms those that are known: after two minutes without one it counts', () => {
  const [parent, child] = [shardOf(NOW - 9 * HOUR), shardOf(NOW - 5 * HOUR)];
  const ended = rows(
    { [parent]: [child] },
    {
      [parent]: { position: shardEnd(), finishedAtMs: NOW, lastRecordAtMs: NOW - 6 * HOUR, children: 'stored' },
      [child]: { epoch: 1, caughtUpAtMs: NOW + HOUR },
    },
  );
  const lagOf = (sinceMs: number, listedAtMs: number) =>
    streamLagMs(ended, { nowMs: NOW + sinceMs, stream: aStream(NOW - 100 * HOUR, { listedAtMs }) });

  expect(lagOf(124 * SECOND - 1, NOW - HOUR)).toBe(0);
  expect(lagOf(124 * SECOND, NOW - HOUR)).toBe(HOUR + 184 * SECOND);
  expect(lagOf(124 * SECOND, NOW - 8 * HOUR)).toBe(6 * HOUR + 124 * SECOND);
  expect(lagOf(124 * SECOND, NOW)).toBe(0);
});

test('a stream of many shards, which is listed less often, is given the time of two listings', () => {
  const parent = shardOf(NOW - 9 * HOUR);
  const finished = { position: shardEnd(), finishedAtMs: NOW - 9 * HOUR, lastRecordAtMs: NOW - 9 * HOUR } as const;
  const old = Array.from({ length: 10_000 }, (_, number) => shardOf(NOW - 30 * HOUR + number));
  const ended = rows(Object.fromEntries([parent, ...old].map((shardId) => [shardId, []])), {
    ...Object.fromEntries(old.map((shardId) => [shardId, finished])),
    [parent]: { ...finished, finishedAtMs: NOW, lastRecordAtMs: NOW - 6 * HOUR, children: 'stored' },
  });
  const lagOf = (sinceMs: number) =>
    streamLagMs(ended, { nowMs: NOW + sinceMs, stream: aStream(NOW - 100 * HOUR, { listedAtMs: NOW - HOUR }) });

  expect(lagOf(8 * MINUTE)).toBe(0);
  expect(lagOf(9 * MINUTE)).toBe(HOUR + 10 * MINUTE);
});

test('what lies before the moment at which reading begins does not count', () => {
  const startMs = NOW - MINUTE;
  const latest = rows(
    { a: ['b'] },
    { a: { position: trimHorizon(startMs) }, b: { position: atSequenceNumber('200') } },
  );

  expect(streamLagMs(latest, moment)).toBe(MINUTE);
});

test('a root that was never read holds what the stream still keeps, and nothing from before the stream', () => {
  const unread = rows({ a: [] });

  expect(streamLagMs(unread, moment)).toBe(24 * HOUR);
  expect(streamLagMs(unread, { nowMs: NOW, stream: aStream(NOW - HOUR) })).toBe(HOUR);
});

test('lineage that contradicts itself ends', () => {
  expect(streamLagMs(rows({ a: ['b'], b: ['a'] }), moment)).toBe(24 * HOUR);
});

test('a re-created stream ages while the old one is still read; one that is drained, or of another generation, does not', () => {
  const reading = aStream(NOW - 9 * HOUR);
  const others = [aStream(NOW - 3 * HOUR, { isDrained: true }), aStream(NOW - 2 * HOUR, { generation: 2 })];

  expect(awaitedLagMs([reading, ...others], reading, NOW)).toBe(0);
  expect(awaitedLagMs([reading, ...others, aStream(NOW - HOUR)], reading, NOW)).toBe(HOUR);
});

test('hours until loss are what is left of the retention, and never less than none', () => {
  expect(hoursUntilLoss(0)).toBe(24);
  expect(hoursUntilLoss(90 * MINUTE)).toBe(22.5);
  expect(hoursUntilLoss(30 * HOUR)).toBe(0);
});

/** One shard's life: what happens to it, second by second. */
type Happening = 'write' | 'settle' | 'poll' | 'roll' | 'nothing';

/**
 * A history of one lineage of shards. A reader settles the oldest unread record, or polls, which finds a shard without
 * unread records caught up, and a closed one at its end.
 */
function historyOf(happenings: readonly Happening[], idsTellTime: boolean) {
  const startMs = NOW;
  const newShard = (createdAtMs: number, index: number) => ({
    id: idsTellTime ? shardOf(createdAtMs) : `shard-${index}`,
    unread: [] as number[],
    isClosed: false,
    row: { epoch: 0, caughtUpAtMs: null as number | null, lastRecordAtMs: null as number | null, isFinished: false },
  });
  const lineage = [newShard(startMs, 0)];
  const steps: { lagMs: number; oldestMs: number; sinceLookMs: number }[] = [];
  let lookedAtMs = startMs;
  happenings.forEach((what, index) => {
    const nowMs = startMs + (index + 1) * SECOND;
    const reading = lineage.find((shard) => !shard.row.isFinished);
    if (what === 'write') lineage.at(-1)?.unread.push(nowMs);
    if (what === 'roll') {
      const open = lineage.at(-1);
      if (open) open.isClosed = true;
      lineage.push(newShard(nowMs, lineage.length));
    }
    if (what === 'settle' && reading && reading.unread.length > 0) {
      reading.row = { ...reading.row, epoch: 1, lastRecordAtMs: reading.unread.shift() ?? null };
    }
    if (what === 'poll') {
      for (const shard of lineage) {
        if (shard.row.isFinished) continue;
        if (shard.unread.length > 0) break;
        shard.row = { ...shard.row, epoch: 1, caughtUpAtMs: nowMs, isFinished: shard.isClosed };
        if (!shard.isClosed) lookedAtMs = nowMs;
      }
    }
    const stored = rows(
      Object.fromEntries(lineage.map((shard, at) => [shard.id, at + 1 < lineage.length ? [lineage[at + 1]!.id] : []])),
      Object.fromEntries(
        lineage.map(({ id, row: { isFinished, ...row } }) => [
          id,
          {
            ...row,
            ...(isFinished ? { position: shardEnd(), children: 'stored' } : { position: afterSequenceNumber('1') }),
          },
        ]),
      ),
    );
    const oldest = Math.min(nowMs, ...lineage.flatMap((shard) => shard.unread));
    const lagMs = streamLagMs(stored, { nowMs, stream: aStream(startMs) });
    steps.push({ lagMs, oldestMs: nowMs - oldest, sinceLookMs: nowMs - lookedAtMs });
  });
  return steps;
}

const happenings = (weights: Record<Happening, number>) =>
  fc.array(
    fc.oneof(
      ...(Object.entries(weights) as [Happening, number][]).map(([what, weight]) => ({
        weight,
        arbitrary: fc.constant(what),
      })),
    ),
    { minLength: 1, maxLength: 120 },
  );

test('over random histories, no unread record is older than the lag', () => {
  fc.assert(
    fc.property(
      happenings({ write: 3, settle: 2, poll: 2, roll: 1, nothing: 2 }),
      fc.boolean(),
      (what, idsTellTime) => {
        for (const { lagMs, oldestMs } of historyOf(what, idsTellTime)) expect(lagMs).toBeGreaterThanOrEqual(oldestMs);
      },
    ),
  );
});

test('over random histories, a lag without an unread record that old needs a shard that nobody looked at for so long', () => {
  fc.assert(
    fc.property(happenings({ write: 1, settle: 3, poll: 4, roll: 1, nothing: 2 }), (what) => {
      for (const { lagMs, oldestMs, sinceLookMs } of historyOf(what, true)) {
        expect(lagMs).toBeLessThanOrEqual(Math.max(oldestMs, sinceLookMs) + SECOND);
      }
    }),
  );
});

test('a stream that keeps its records longer may lag longer, and loses them later', () => {
  const unread = rows({ a: [] }, {});
  const week = aStream(NOW - 100 * HOUR, { retentionMs: 7 * 24 * HOUR });
  const reading = aStream(NOW - 200 * HOUR, { retentionMs: 7 * 24 * HOUR });

  expect(streamLagMs(unread, { nowMs: NOW, stream: week })).toBe(100 * HOUR);
  expect(streamLagMs(unread, { nowMs: NOW, stream: reading })).toBe(7 * 24 * HOUR);
  expect(awaitedLagMs([reading, week], reading, NOW)).toBe(100 * HOUR);
  expect(hoursUntilLoss(100 * HOUR, 7 * 24 * HOUR)).toBe(68);
});

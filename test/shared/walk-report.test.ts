import { expect, test } from 'vitest';
import type { WalkEvent, WalkSummary } from '../../shared/core/walk-event.ts';
import { simulatedClock } from '../../shared/testing/simulated-clock.ts';
import { walkReport } from '../../shared/walk-report.ts';
import { MINUTE, SECOND } from '../support/durations.ts';
import { aGap } from '../support/shards.ts';

const owner = { pipeline: 'Shop', subscription: 'orders' };
const figures = { openShards: 2, waitingShards: 1, finishedShards: 4, haltedShards: 0, lagMs: 90 * SECOND };
const summary: WalkSummary = {
  ...figures,
  reason: 'idle',
  durationMs: 30_000,
  records: 12,
  batches: 3,
  failures: 0,
  pages: 40,
  stateWrites: 6,
  gaps: 0,
};
const { status: _status, ...gap } = aGap();

/** A report, what it logged as level and line, and what it printed as metrics. */
function aReport() {
  const clock = simulatedClock(0);
  const lines: (readonly [string, string, object])[] = [];
  const metrics: Record<string, unknown>[] = [];
  const log =
    (level: string) =>
    (message: unknown, ...extra: readonly unknown[]): void => {
      lines.push([level, String(message), extra[0] as object]);
    };
  const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
  const report = walkReport(owner, { logger, clock, emit: (line) => metrics.push(JSON.parse(line)) });
  return { report, clock, lines, metrics };
}

test('a walk is one line, with all its figures', () => {
  const { report, lines } = aReport();

  report({ kind: 'walk-started', worker: 0, generation: 1 });
  report({ kind: 'walk-ended', summary });

  expect(lines).toEqual([['info', 'walk-ended', { ...owner, kind: 'walk-ended', summary }]]);
});

test('no record, page, batch or write is a line', () => {
  const { report, lines } = aReport();
  const usual: readonly WalkEvent[] = [
    { kind: 'page-read', shardId: 'a', records: 7 },
    { kind: 'records-skipped', shardId: 'a', records: 7, reason: 'filtered' },
    { kind: 'batch-delivered', shardId: 'a', records: 7, bytes: 9, durationMs: 1, lagMs: 1 },
    { kind: 'state-written', operation: 'advance' },
    { kind: 'shards-seen', activeWorkers: 1, ...figures },
  ];

  for (const event of usual) report(event);

  expect(lines).toEqual([]);
});

test.each<readonly [string, WalkEvent]>([
  ['warn', { kind: 'lease-lost', shardId: 'a', epoch: 3 }],
  ['error', { kind: 'gap', gap, halted: true }],
  [
    'error',
    {
      kind: 'batch-given-up',
      shardId: 'a',
      records: 3,
      condition: 'RetryAttemptsExhausted',
      startSequenceNumber: '7',
      endSequenceNumber: '9',
    },
  ],
  ['error', { kind: 'destination-refused', shardId: 'a', records: 3, message: 'denied' }],
  ['warn', { kind: 'children-not-visible', shardId: 'a' }],
])('what is rare is a line of its own: %s', (level, event) => {
  const { report, lines } = aReport();

  report(event);
  report(event);

  expect(lines.map(([said, message]) => [said, message])).toEqual([
    [level, event.kind],
    [level, event.kind],
  ]);
});

test('the message of an event is the detail of its line, because the line has a message of its own', () => {
  const { report, lines } = aReport();

  report({
    kind: 'batch-failed',
    shardId: 'a',
    records: 3,
    attempt: 2,
    message: 'it threw',
    startSequenceNumber: '7',
    endSequenceNumber: '9',
  });

  expect(lines[0]?.[2]).toEqual({
    ...owner,
    kind: 'batch-failed',
    shardId: 'a',
    records: 3,
    attempt: 2,
    startSequenceNumber: '7',
    endSequenceNumber: '9',
    detail: 'it threw',
  });
});

test('calls that fail alike are one line a minute, which counts the others', async () => {
  const { report, clock, lines } = aReport();
  const throttled: WalkEvent = { kind: 'source-failed', operation: 'read', reason: 'throttled', message: 'slow down' };

  for (let call = 0; call < 100; call++) report(throttled);
  report({ ...throttled, operation: 'list' });
  report({ kind: 'state-failed', operation: 'read', message: 'slow down' });
  await clock.advanceBy(MINUTE);
  report(throttled);

  expect(lines.map(([, message, fields]) => [message, 'repeated' in fields ? fields.repeated : 0])).toEqual([
    ['source-failed', 0],
    ['source-failed', 0],
    ['state-failed', 0],
    ['source-failed', 99],
  ]);
});

test('metrics are written once a minute and at the end, under the names of pipeline and subscription', async () => {
  const { report, clock, metrics } = aReport();
  const seen: WalkEvent = { kind: 'shards-seen', activeWorkers: 1, ...figures };

  report({ kind: 'page-read', shardId: 'a', records: 7 });
  report(seen);
  expect(metrics).toEqual([]);
  await clock.advanceBy(MINUTE);
  report(seen);
  report({ kind: 'page-read', shardId: 'a', records: 5 });
  report({ kind: 'walk-ended', summary });

  expect(metrics).toHaveLength(2);
  expect(metrics[0]).toMatchObject({ ...owner, RecordsRead: 7, LagMilliseconds: 90_000, HoursUntilLoss: 23.975 });
  expect(metrics[1]).toMatchObject({ ...owner, RecordsRead: 5, Walks: 1, WalkMilliseconds: 30_000 });
});

test('no minute of a walk is left without metrics, though figures come a little sooner or later than ten seconds apart', async () => {
  const { report, clock, metrics } = aReport();
  const startMs = clock.nowMs();
  const minutes = new Set<number>();

  for (let tenth = 1; tenth <= 14 * 6; tenth++) {
    // Every twelfth comes a moment early: it is a little less than a minute after the one that was written.
    await clock.advanceTo(startMs + tenth * 10_000 + (tenth % 12 === 0 ? 0 : 40));
    const before = metrics.length;
    report({ kind: 'shards-seen', activeWorkers: 1, ...figures });
    if (metrics.length > before) minutes.add(Math.floor((clock.nowMs() - startMs) / MINUTE));
  }

  expect([...minutes]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
});

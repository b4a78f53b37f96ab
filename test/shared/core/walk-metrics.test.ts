import { describe, expect, test } from 'vitest';
import type { MetricName } from '../../../shared/core/metrics.ts';
import type { RunProgress } from '../../../shared/core/scan-progress.ts';
import type { WalkEvent } from '../../../shared/core/walk-event.ts';
import { walkMetrics } from '../../../shared/core/walk-metrics.ts';
import { HOUR } from '../../support/durations.ts';
import { aGap } from '../../support/shards.ts';

const { status: _status, ...gap } = aGap();
const figures = { openShards: 1, waitingShards: 2, finishedShards: 3, haltedShards: 4, lagMs: 6 * HOUR };
const shardId = 'a';

/** What every event counts for: an event of a new kind does not compile until it is here. */
const counted: {
  readonly [Kind in WalkEvent['kind']]: readonly [
    Extract<WalkEvent, { readonly kind: Kind }>,
    Partial<Record<MetricName, number>>,
  ];
} = {
  'walk-started': [{ kind: 'walk-started', worker: 0, generation: 1 }, {}],
  'slot-held': [{ kind: 'slot-held', worker: 0 }, {}],
  'slot-awaited': [{ kind: 'slot-awaited', worker: 0 }, {}],
  'slot-handed-over': [{ kind: 'slot-handed-over', worker: 0 }, {}],
  paused: [{ kind: 'paused' }, {}],
  'phase-changed': [{ kind: 'phase-changed', phase: 'streaming', run: 1, isRunDone: true }, {}],
  'source-missing': [{ kind: 'source-missing', reason: 'no-table', message: '' }, {}],
  'source-failed': [
    { kind: 'source-failed', operation: 'read', reason: 'throttled', message: '' },
    { SourceFailures: 1 },
  ],
  'stream-found': [{ kind: 'stream-found', arn: '', isReplacement: false }, {}],
  'stream-drained': [{ kind: 'stream-drained', arn: '' }, {}],
  'shards-listed': [{ kind: 'shards-listed', shards: 9, created: 9 }, {}],
  'lease-claimed': [{ kind: 'lease-claimed', shardId, epoch: 1, tookOver: false }, {}],
  'lease-lost': [{ kind: 'lease-lost', shardId, epoch: 1 }, { LeasesLost: 1 }],
  'lease-released': [{ kind: 'lease-released', shardId }, {}],
  'shard-finished': [{ kind: 'shard-finished', shardId, children: 2 }, {}],
  'children-not-visible': [{ kind: 'children-not-visible', shardId }, {}],
  'iterator-expired': [{ kind: 'iterator-expired', shardId }, {}],
  'page-read': [
    { kind: 'page-read', shardId, records: 7 },
    { PagesRead: 1, RecordsRead: 7 },
  ],
  'records-skipped': [{ kind: 'records-skipped', shardId, records: 5, reason: 'filtered' }, { RecordsFiltered: 5 }],
  'batch-delivered': [
    { kind: 'batch-delivered', shardId, records: 3, bytes: 9, durationMs: 9, lagMs: 9 },
    { BatchesDelivered: 1, RecordsDelivered: 3 },
  ],
  'batch-failed': [
    {
      kind: 'batch-failed',
      shardId,
      records: 3,
      attempt: 1,
      message: '',
      startSequenceNumber: '7',
      endSequenceNumber: '9',
    },
    { BatchesFailed: 1, RecordsFailed: 3 },
  ],
  'batch-refused': [{ kind: 'batch-refused', shardId, reason: 'throttled', message: '' }, { BatchesRefused: 1 }],
  'delivery-unanswered': [{ kind: 'delivery-unanswered', shardId, message: '' }, { BatchesFailed: 1 }],
  'batch-given-up': [
    {
      kind: 'batch-given-up',
      shardId,
      records: 3,
      condition: 'RecordAgeExceeded',
      startSequenceNumber: '7',
      endSequenceNumber: '9',
    },
    { RecordsGivenUp: 3 },
  ],
  'destination-refused': [
    { kind: 'destination-refused', shardId, records: 3, message: '' },
    { DestinationsRefused: 1 },
  ],
  gap: [{ kind: 'gap', gap, halted: false }, { Gaps: 1 }],
  'state-written': [{ kind: 'state-written', operation: 'claim' }, { StateWrites: 1 }],
  'state-failed': [{ kind: 'state-failed', operation: 'claim', message: '' }, { StateFailures: 1 }],
  'lineage-violated': [{ kind: 'lineage-violated', shardId, parent: 'b', message: '' }, {}],
  'shards-seen': [
    { kind: 'shards-seen', activeWorkers: 5, ...figures },
    {
      OpenShards: 1,
      WaitingShards: 2,
      FinishedShards: 3,
      HaltedShards: 4,
      ActiveWorkers: 5,
      LagMilliseconds: 6 * HOUR,
      HoursUntilLoss: 18,
    },
  ],
  'table-state': [
    { kind: 'table-state', table: 'eu-west-1/a', tableId: 'life', state: 'broken', reason: 'its status is ARCHIVED' },
    {},
  ],
  'tables-listed': [{ kind: 'tables-listed', region: 'eu-west-1', tables: 9 }, {}],
  'tables-seen': [
    { kind: 'tables-seen', active: 5, waiting: 1, broken: 2 },
    { Tables: 5, BrokenTables: 2 },
  ],
  'walk-ended': [
    {
      kind: 'walk-ended',
      summary: {
        ...figures,
        reason: 'idle',
        durationMs: 30,
        records: 0,
        batches: 0,
        failures: 0,
        pages: 0,
        stateWrites: 0,
        gaps: 0,
      },
    },
    { Walks: 1, WalkMilliseconds: 30 },
  ],
};

describe('the metrics of a walk', () => {
  test.each(Object.entries(counted))('count %s', (_kind, [event, values]) => {
    const metrics = walkMetrics();

    metrics.count(event);

    expect(metrics.take()).toEqual(values);
  });

  test('count a walk that failed twice: as a walk, and as a failure', () => {
    const metrics = walkMetrics();
    const [ended] = counted['walk-ended'];
    metrics.count({ ...ended, summary: { ...ended.summary, reason: 'failed' } });

    expect(metrics.take()).toEqual({ Walks: 1, WalkMilliseconds: 30, WalksFailed: 1 });
  });

  test('add up, and begin anew once they are taken', () => {
    const metrics = walkMetrics();
    metrics.count({ kind: 'page-read', shardId, records: 7 });
    metrics.count({ kind: 'page-read', shardId, records: 3 });

    expect(metrics.take()).toEqual({ PagesRead: 2, RecordsRead: 10 });
    expect(metrics.take()).toEqual({});
  });

  test('of shards are those seen last, not their sum', () => {
    const metrics = walkMetrics();
    metrics.count({ kind: 'shards-seen', activeWorkers: 5, ...figures });
    metrics.count({ kind: 'shards-seen', activeWorkers: 2, ...figures, openShards: 8, lagMs: 0 });

    expect(metrics.take()).toMatchObject({ OpenShards: 8, ActiveWorkers: 2, LagMilliseconds: 0, HoursUntilLoss: 24 });
  });

  test('never promise less than no time until loss', () => {
    const metrics = walkMetrics();
    metrics.count({ kind: 'shards-seen', activeWorkers: 1, ...figures, lagMs: 30 * HOUR });

    expect(metrics.take().HoursUntilLoss).toBe(0);
  });

  test('count the hours until loss from the retention of the stream', () => {
    const metrics = walkMetrics();
    metrics.count({ kind: 'shards-seen', activeWorkers: 1, ...figures, lagMs: 30 * HOUR, retentionMs: 168 * HOUR });

    expect(metrics.take().HoursUntilLoss).toBe(138);
  });

  test('tell how far a run is, and nothing of what nobody knows', () => {
    const run: RunProgress = {
      run: 1,
      state: 'scanning',
      slice: 2,
      sliceEndsAtMs: HOUR,
      items: 250,
      expectedItems: 1_000,
      segmentsDone: 1,
      segments: 4,
      share: 0.25,
      itemsPerSecond: 10,
      leftMs: 3 * HOUR,
      endsAtMs: 4 * HOUR,
    };
    const seen = { kind: 'shards-seen', activeWorkers: 1, ...figures } as const;
    const metrics = walkMetrics();

    metrics.count({ ...seen, run });
    expect(metrics.take()).toMatchObject({ RunItems: 250, RunPercent: 25, RunSegmentsLeft: 3, RunHoursLeft: 3 });

    metrics.count({ ...seen, run: { ...run, share: null, leftMs: null } });
    expect(Object.keys(metrics.take()).filter((name) => name.startsWith('Run'))).toEqual([
      'RunItems',
      'RunSegmentsLeft',
    ]);
  });
});

import type { LeaseRow } from '../../shared/core/lease.ts';
import type { Marker } from '../../shared/core/parking.ts';
import { markerItem, markerKey, type ParkingItem } from '../../shared/core/parking-row.ts';
import type { LeaseKey } from '../../shared/core/ports.ts';
import type { GapNotice } from '../../shared/core/record.ts';
import { scanStream } from '../../shared/core/scan.ts';
import { controlItem, gapItem, leaseItem, type StateItem } from '../../shared/core/state-row.ts';
import type { ControlRow } from '../../shared/core/subscription.ts';
import { type RegistryRow, registryItem } from '../../shared/core/table-row.ts';
import { REQUEST_FORMAT, type WalkRequestInput } from '../../shared/request.ts';

const stream = {
  arn: 'arn:aws:dynamodb:eu-west-1:111111111111:table/orders/stream/2026-01-31T12:00:00.000',
  createdAtMs: Date.UTC(2026, 0, 31, 12),
};
const key: LeaseKey = { subscription: 'orders', generation: 2, stream };
const nowMs = Date.UTC(2026, 1, 1);

/** What a schedule says whose subscription leaves everything at its defaults. */
const plainRequest: WalkRequestInput = {
  format: REQUEST_FORMAT,
  pipeline: 'Stack/Changes',
  subscription: 'orders',
  stateTable: 'state',
  source: { kind: 'table', tableName: 'orders', region: 'us-east-1' },
  handler: { functionArn: 'arn:aws:lambda:eu-west-1:111111111111:function:orders', timeoutMs: 30_000 },
  worker: 0,
  workers: 1,
  retryAttempts: 500,
  maxRecordAgeMs: 72_000_000,
  bisectBatchOnError: true,
  onFailure: { kind: 's3', target: 'bucket' },
};

/** What one says that sets all there is to set. */
const fullRequest: WalkRequestInput = {
  ...plainRequest,
  source: { ...plainRequest.source, roleArn: 'arn:aws:iam::222222222222:role/reader' },
  start: { at: 'time', time: '2026-01-31T12:00:00.000Z' },
  batchSize: 7,
  maxBatchingWindowMs: 2_000,
  parallelizationFactor: 3,
  leaseDurationMs: 45_000,
  deliveryMarginMs: 10_000,
  deliver: ['gap'],
  onGap: 'halt',
  filters: [{ eventName: ['INSERT'] }],
  keepAwake: true,
};

/** What one says that begins with a table's items. */
const bootstrapRequest: WalkRequestInput = {
  ...plainRequest,
  bootstrap: { segments: 8, sliceMs: 1_800_000, readUnitsPerSecond: 500, consistentRead: false },
};

/** What one says that begins with the items of an export. */
const exportRequest: WalkRequestInput = {
  ...plainRequest,
  bootstrap: {
    export: {
      bucket: 'exports',
      manifest: '2026-Jan/AWSDynamoDB/01769860819000-a1b2c3d4/manifest-summary.json',
      region: 'eu-west-1',
    },
  },
};

/** What one says that reads a Kinesis stream. */
const kinesisRequest: WalkRequestInput = {
  ...plainRequest,
  source: { kind: 'kinesis', streamName: 'orders', region: 'us-east-1', readers: 2 },
};

/** What one says that is for all tables of a pattern. */
const tablesRequest: WalkRequestInput = {
  ...plainRequest,
  source: {
    kind: 'tables',
    include: ['prod-*'],
    exclude: ['prod-tmp-*'],
    tags: { cdc: 'on' },
    regions: ['us-east-1', 'eu-west-1'],
    streams: 'enable',
    viewType: 'NEW_IMAGE',
  },
};

const gap: GapNotice = {
  id: 'gap-1',
  reason: 'trimmed',
  shardId: 'shardId-00000001573689847184-864758bb',
  after: 'sequence number 100',
  detectedAtMs: nowMs,
};

const freeLease: LeaseRow = {
  shardId: 'shardId-00000001573689847184-864758bb',
  parents: [],
  position: { at: 'trim-horizon' },
  owner: null,
  epoch: 0,
  revision: 0,
  expiresAtMs: 0,
  claimant: null,
  iterator: null,
  emptyPages: 0,
  caughtUpAtMs: null,
  lastRecordAtMs: null,
  children: 'unknown',
  gap: null,
  attempts: 0,
  finishedAtMs: null,
};

const leases: readonly LeaseRow[] = [
  freeLease,
  {
    ...freeLease,
    parents: ['shardId-00000001573689847184-aaaaaaaa'],
    position: { at: 'after-sequence-number', sequenceNumber: '123456789012345678901', notBefore: nowMs },
    owner: 'walk-1',
    epoch: 7,
    revision: 19,
    expiresAtMs: nowMs + 60_000,
    iterator: { value: 'iterator', issuedAtMs: nowMs },
    emptyPages: 3,
    caughtUpAtMs: nowMs,
    lastRecordAtMs: nowMs - 1_000,
    gap: { ...gap, status: 'halted' },
    attempts: 2,
  },
  { ...freeLease, position: { at: 'shard-end' }, children: 'stored', finishedAtMs: nowMs },
  { ...freeLease, shardId: 'segment-1-of-8', position: { at: 'shard-end' }, finishedAtMs: nowMs, items: 17 },
  { ...freeLease, shardId: 'segment-0-of-8', position: { at: 'after-item', key: '{"id":{"S":"o-1"}}', ordinal: 17 } },
];

const controls: readonly ControlRow[] = [
  {
    kind: 'pointer',
    revision: 3,
    generation: 2,
    start: { at: 'latest', momentMs: nowMs },
    startedAtMs: nowMs,
    isPaused: false,
    isPreviousFree: true,
  },
  {
    kind: 'pointer',
    revision: 4,
    generation: 1,
    start: { at: 'latest', momentMs: nowMs },
    startedAtMs: nowMs,
    isPaused: false,
    isPreviousFree: false,
    phase: {
      kind: 'scanning',
      epoch: 3,
      run: 1,
      wantedRun: 1,
      isRunDone: false,
      segments: 8,
      beganAtMs: nowMs,
      endsAtMs: nowMs + 3_600_000,
      runBeganAtMs: nowMs,
      slice: 2,
      expectedItems: 1_000,
    },
  },
  {
    kind: 'pointer',
    revision: 5,
    generation: 1,
    start: { at: 'trim-horizon' },
    startedAtMs: nowMs,
    isPaused: false,
    isPreviousFree: false,
    phase: {
      kind: 'streaming',
      epoch: 4,
      run: 1,
      wantedRun: 1,
      isRunDone: true,
      segments: 8,
      beganAtMs: nowMs,
      endsAtMs: 0,
      isWithdrawn: true,
      export: {
        arn: 'arn:aws:dynamodb:eu-west-1:111111111111:table/orders/export/01769860819000-a1b2c3d4',
        asOfMs: nowMs,
      },
    },
  },
  {
    kind: 'stream',
    revision: 1,
    generation: 1,
    stream: scanStream(stream.arn, 1),
    isReplacement: false,
    isFirstListingComplete: true,
    listedAtMs: nowMs,
    isDrained: false,
    run: 1,
  },
  {
    kind: 'stream',
    revision: 3,
    generation: 1,
    stream: scanStream(stream.arn, 2),
    isReplacement: false,
    isFirstListingComplete: true,
    listedAtMs: nowMs,
    isDrained: true,
    run: 2,
    removeAtMs: nowMs + 86_400_001,
  },
  {
    kind: 'stream',
    revision: 1,
    generation: 2,
    stream,
    isReplacement: false,
    isFirstListingComplete: true,
    listedAtMs: nowMs,
    isDrained: false,
  },
  {
    kind: 'slot',
    revision: 5,
    worker: 0,
    owner: 'walk-1',
    expiresAtMs: nowMs,
    handOverAtMs: nowMs,
    waiter: null,
    waiterUntilMs: 0,
    lastSeenAtMs: nowMs,
  },
  { kind: 'lister', revision: 2, owner: null, expiresAtMs: 0 },
];

const table = { region: 'eu-west-1', tableName: 'prod-orders', tableId: 'f0f0', foundAtMs: nowMs, sinceMs: nowMs };
const registry: readonly RegistryRow[] = [
  { kind: 'table', revision: 0, ...table, state: 'active', reason: 'it matches prod-*', stream },
  { kind: 'table', revision: 3, ...table, state: 'drained', reason: 'it was deleted', stream: null },
  {
    kind: 'survey',
    revision: 9,
    region: 'eu-west-1',
    pattern: { include: ['prod-*'], exclude: [], tags: { cdc: 'on' } },
    listedAtMs: nowMs,
    tables: 30,
    failure: null,
  },
];

const marker: Marker = {
  item: 'orders {"id":{"S":"o-1"}}',
  queue: 'queue-1',
  revision: 3,
  head: 1,
  headPlace: { stream: stream.arn, sequenceNumber: '100', run: 1, isSnapshot: false },
  next: 3,
  parkedAtMs: nowMs,
  error: 'Error: poison',
  failedRedrives: 1,
  lease: { owner: 'redrive-1', untilMs: nowMs + 60_000 },
};

/** A request or a row as it is stored. */
export type Sample =
  | { readonly kind: 'request'; readonly isPlain: boolean; readonly stored: WalkRequestInput }
  | { readonly kind: 'control' | 'lease' | 'gap' | 'registry'; readonly isPlain: true; readonly stored: StateItem }
  | { readonly kind: 'marker'; readonly isPlain: true; readonly stored: ParkingItem };

/**
 * What this release writes, of each kind. A release back reads what is plain; of a request that uses what is new it says
 * that it cannot.
 */
export const samples: readonly Sample[] = [
  { kind: 'request', isPlain: true, stored: plainRequest },
  { kind: 'request', isPlain: false, stored: fullRequest },
  { kind: 'request', isPlain: false, stored: bootstrapRequest },
  { kind: 'request', isPlain: false, stored: exportRequest },
  { kind: 'request', isPlain: false, stored: kinesisRequest },
  { kind: 'request', isPlain: false, stored: tablesRequest },
  ...controls.map((row) => ({ kind: 'control', isPlain: true, stored: controlItem('orders', row) }) as const),
  ...leases.map((row) => ({ kind: 'lease', isPlain: true, stored: leaseItem(key, row) }) as const),
  ...registry.map((row) => ({ kind: 'registry', isPlain: true, stored: registryItem('orders', row) }) as const),
  { kind: 'gap', isPlain: true, stored: gapItem('orders', gap) },
  { kind: 'marker', isPlain: true, stored: { ...markerKey('orders', 'hash'), ...markerItem(marker) } },
];

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LeaseRow } from '../../../shared/core/lease.ts';
import type { LeaseKey } from '../../../shared/core/ports.ts';
import {
  afterSequenceNumber,
  atSequenceNumber,
  type Position,
  shardEnd,
  trimHorizon,
} from '../../../shared/core/position.ts';
import type { GapNotice } from '../../../shared/core/record.ts';
import {
  controlItem,
  controlKey,
  controlPartition,
  controlRow,
  gapItem,
  gapPartition,
  gapRow,
  leaseItem,
  leaseKey,
  leasePartition,
  leaseRow,
  type StateItem,
  stateTableDefinition,
} from '../../../shared/core/state-row.ts';
import type { ControlRow, Slot } from '../../../shared/core/subscription.ts';

const ORDERS: LeaseKey = {
  subscription: 'orders',
  generation: 3,
  stream: {
    arn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-02-03T04:05:06.789',
    createdAtMs: 17,
  },
};
const LEASE: LeaseRow = {
  shardId: 'shard-a',
  parents: ['shard-0'],
  position: afterSequenceNumber('4421584500000000017450439091'),
  owner: 'walk-1',
  epoch: 7,
  revision: 20,
  expiresAtMs: 1_000,
  claimant: null,
  iterator: { value: 'arn|1|AAAA', issuedAtMs: 900 },
  emptyPages: 2,
  caughtUpAtMs: 800,
  lastRecordAtMs: 700,
  children: 'unknown',
  gap: { id: 'gap-1', reason: 'trimmed', shardId: 'shard-a', after: '17', detectedAtMs: 600, status: 'reported' },
  attempts: 1,
  finishedAtMs: null,
};
const SLOT: Slot = {
  kind: 'slot',
  revision: 1,
  worker: 2,
  owner: null,
  expiresAtMs: 0,
  handOverAtMs: 0,
  waiter: null,
  waiterUntilMs: 0,
  lastSeenAtMs: 5,
};

describe('keys', () => {
  test('read like what they name', () => {
    expect(controlKey('orders', 'slot#2')).toEqual({ pk: { S: 'subscription#orders' }, sk: { S: 'slot#2' } });
    expect(leaseKey(ORDERS, 'shard-a')).toEqual({
      pk: { S: `leases#orders#3#${ORDERS.stream.arn}@17` },
      sk: { S: 'shard#shard-a' },
    });
    expect(gapPartition('orders')).toBe('gaps#orders');
  });

  test('are different wherever the subscription, the generation or the stream is', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '1', '#', '%', '2', '3', '@'), maxLength: 6 });
    const key = fc.record({
      subscription: text,
      generation: fc.nat(30),
      stream: fc.record({ arn: text, createdAtMs: fc.nat(30) }),
    });
    // An ARN does not hold the @ before the creation time.
    const isArn = ({ stream }: LeaseKey) => !stream.arn.includes('@');
    fc.assert(
      fc.property(key.filter(isArn), key.filter(isArn), (a, b) => {
        expect(leasePartition(a) === leasePartition(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
        expect(controlPartition(a.subscription) === controlPartition(b.subscription)).toBe(
          a.subscription === b.subscription,
        );
        expect(new Set([controlPartition(a.subscription), leasePartition(b), gapPartition(a.subscription)]).size).toBe(
          3,
        );
      }),
      { numRuns: 2_000 },
    );
  });

  test('are those of the table', () => {
    const { KeySchema, AttributeDefinitions, TableName } = stateTableDefinition('state');

    expect(TableName).toBe('state');
    expect(KeySchema.map(({ AttributeName, KeyType }) => [AttributeName, KeyType])).toEqual([
      ['pk', 'HASH'],
      ['sk', 'RANGE'],
    ]);
    expect(AttributeDefinitions.map(({ AttributeName, AttributeType }) => [AttributeName, AttributeType])).toEqual([
      ['pk', 'S'],
      ['sk', 'S'],
    ]);
  });
});

describe('a lease', () => {
  const moment = fc.option(fc.maxSafeInteger(), { nil: undefined });
  const digits = fc.stringMatching(/^\d{1,60}$/);
  const position: fc.Arbitrary<Position> = fc.oneof(
    moment.map(trimHorizon),
    moment.map(shardEnd),
    fc.tuple(digits, moment).map(([number, at]) => atSequenceNumber(number, at)),
    fc.tuple(digits, moment).map(([number, at]) => afterSequenceNumber(number, at)),
  );
  const text = fc.string({ minLength: 1, maxLength: 20 });
  const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
  const lease: fc.Arbitrary<LeaseRow> = fc.record({
    shardId: text,
    parents: fc.array(text, { maxLength: 2 }),
    position,
    owner: orNull(text),
    epoch: fc.nat(),
    revision: fc.nat(),
    expiresAtMs: fc.maxSafeNat(),
    claimant: fc.constant(null),
    iterator: orNull(fc.record({ value: text, issuedAtMs: fc.maxSafeNat() })),
    emptyPages: fc.nat(),
    caughtUpAtMs: orNull(fc.maxSafeNat()),
    lastRecordAtMs: orNull(fc.maxSafeNat()),
    children: fc.constantFrom('unknown', 'not-visible', 'stored'),
    gap: orNull(fc.constant(LEASE.gap!)),
    attempts: fc.nat(),
    finishedAtMs: orNull(fc.maxSafeNat()),
  });

  test('comes back from its row as it was, whatever it holds', () => {
    fc.assert(
      fc.property(lease, (row) => {
        expect(leaseRow(leaseItem(ORDERS, row))).toEqual(row);
      }),
    );
  });

  test('has a claimant and a moment of removal beside it', () => {
    const item = { ...leaseItem(ORDERS, LEASE), claimant: { S: 'walk-2' }, removeAt: { N: '1790000000' } };

    expect(leaseRow(item)).toEqual({ ...LEASE, claimant: 'walk-2', removeAtMs: 1_790_000_000_000 });
    expect(leaseItem(ORDERS, leaseRow(item))).toEqual(leaseItem(ORDERS, LEASE));
  });

  test('that knows nothing yet is a small row', () => {
    const fresh = { owner: null, iterator: null, caughtUpAtMs: null, lastRecordAtMs: null, gap: null };

    expect(Object.keys(leaseItem(ORDERS, { ...LEASE, ...fresh }).lease?.M ?? {})).toEqual([
      'parents',
      'position',
      'epoch',
      'revision',
      'expiresAtMs',
      'emptyPages',
      'children',
      'attempts',
    ]);
  });

  test('may have attributes that a later release of the same format added', () => {
    const item = leaseItem(ORDERS, LEASE);

    expect(leaseRow({ ...item, more: { S: 'x' }, lease: { M: { ...item.lease?.M, more: { S: 'x' } } } })).toEqual(
      LEASE,
    );
  });

  test.for<[string, StateItem[string] | undefined, string]>([
    ['epoch', { S: '7' }, 'lease.epoch must be a whole number, got "7"'],
    ['epoch', { N: '-1' }, 'lease.epoch must be a whole number from 0, got -1'],
    ['epoch', { N: '1.5' }, 'lease.epoch must be a whole number, got 1.5'],
    ['epoch', { N: '12345678901234567890' }, 'lease.epoch must be a whole number, got 12345678901234567890'],
    ['epoch', undefined, 'lease.epoch is missing'],
    ['owner', { S: '' }, 'lease.owner must be a text that is not empty, got ""'],
    ['owner', { N: '1' }, 'lease.owner must be a text, got 1'],
    ['position', undefined, 'lease.position is missing'],
    [
      'position',
      { M: { at: { S: 'latest' } } },
      'lease.position.at must be "trim-horizon", "at-sequence-number", "after-sequence-number", "after-item" or "shard-end", got "latest"',
    ],
    [
      'position',
      { M: { at: { S: 'at-sequence-number' }, sequenceNumber: { S: '0x7' } } },
      'lease.position.sequenceNumber must be a sequence number, got "0x7"',
    ],
    ['parents', { S: 'shard-0' }, 'lease.parents must be a list of shard ids, got "shard-0"'],
    ['parents', { L: [{ N: '1' }] }, 'lease.parents.0 must be a text, got 1'],
    ['children', { S: 'lost' }, 'lease.children must be one of "unknown", "not-visible", "stored", got "lost"'],
    ['iterator', { S: 'x' }, 'lease.iterator must be an iterator with value and issuedAtMs, got "x"'],
    ['gap', { M: {} }, 'lease.gap.id is missing'],
  ])('whose %s is %j is refused, naming row and field', ([field, value, message]) => {
    const item = leaseItem(ORDERS, LEASE);
    const { [field]: _replaced, ...others } = item.lease?.M ?? {};
    const changed = { ...item, lease: { M: value === undefined ? others : { ...others, [field]: value } } };

    const refusal = refusalOf(() => leaseRow(changed));

    expect(refusal.code).toBe('invalid-state');
    expect(refusal.message).toContain(
      `the row "leases#orders#3#${ORDERS.stream.arn}@17", "shard#shard-a" of the state table`,
    );
    expect(refusal.message).toContain(message);
  });

  test('is refused where the row is something else altogether', () => {
    const { lease: _lease, ...rest } = leaseItem(ORDERS, LEASE);

    expect(refusalOf(() => leaseRow(rest)).message).toContain('lease is missing');
    expect(refusalOf(() => leaseRow({ ...rest, sk: { S: 'shard#' } })).message).toContain(
      'sk must be "shard#" and a shard id',
    );
    expect(refusalOf(() => leaseRow({})).message).toContain(
      'the row null, null of the state table is malformed: sk is missing',
    );
    expect(refusalOf(() => leaseRow({ ...rest, odd: { N: '1e400' } })).message).toContain('is malformed');
  });
});

describe('control rows', () => {
  const rows: readonly ControlRow[] = [
    SLOT,
    { ...SLOT, owner: 'walk-1', waiter: 'tick-2' },
    { kind: 'lister', revision: 4, owner: 'walk-1', expiresAtMs: 9 },
    ...(['latest', 'time'] as const).map((at): ControlRow => {
      const flags = { isPaused: true, isPreviousFree: false };
      return { kind: 'pointer', revision: 0, generation: 1, start: { at, momentMs: 5 }, startedAtMs: 6, ...flags };
    }),
    {
      kind: 'stream',
      revision: 1,
      generation: 2,
      stream: ORDERS.stream,
      isReplacement: true,
      isFirstListingComplete: false,
      listedAtMs: 0,
      isDrained: false,
    },
  ];

  test.for(rows.map((row): [string, ControlRow] => [row.kind, row]))('come back as they were: %s', ([, row]) => {
    expect(controlRow(controlItem('orders', row))).toEqual(row);
  });

  test('of a newer format are refused, naming the row and what this release reads', () => {
    const refusal = refusalOf(() => controlRow({ ...controlItem('orders', SLOT), format: { N: '2' } }));

    expect(refusal).toMatchObject({
      code: 'invalid-state',
      message:
        'the row "subscription#orders", "slot#2" of the state table has format 2, and this release of Millrace reads formats up to 1: deploy the newer release',
    });
  });

  test('of a newer format are refused before anything else of them is looked at', () => {
    const item = { ...controlKey('orders', 'phase'), format: { N: '7' }, kind: { S: 'phase' } };

    expect(refusalOf(() => controlRow(item)).message).toContain('has format 7');
  });

  test('of a kind that this release does not know are refused', () => {
    const item = { ...controlItem('orders', SLOT), kind: { S: 'phase' } };

    expect(refusalOf(() => controlRow(item)).message).toContain(
      'kind must be "pointer", "stream", "slot" or "lister", got "phase"',
    );
  });
});

describe('a gap', () => {
  const gap: GapNotice = { id: 'gap-1', reason: 'shard-vanished', shardId: 'shard-a', after: '', detectedAtMs: 9 };

  test('comes back as it was', () => {
    expect(gapRow(gapItem('orders', gap))).toEqual(gap);
    expect(gapItem('orders', gap)).toMatchObject({ pk: { S: 'gaps#orders' }, sk: { S: 'gap-1' }, format: { N: '1' } });
  });

  test('without a reason is refused', () => {
    expect(refusalOf(() => gapRow({ ...gapItem('orders', gap), gap: { M: { id: { S: 'x' } } } })).message).toContain(
      'gap.reason',
    );
  });
});

function refusalOf(read: () => unknown): { readonly code: string; readonly message: string } {
  try {
    read();
  } catch (error) {
    return error as { readonly code: string; readonly message: string };
  }
  throw new Error('nothing was thrown');
}

import { describe, expect, test } from 'vitest';
import type { LeaseRow } from '../../../shared/core/lease.ts';
import { planImport, planRewind } from '../../../shared/core/operations-plan.ts';
import { afterSequenceNumber, atSequenceNumber, shardEnd } from '../../../shared/core/position.ts';
import type { StreamRow } from '../../../shared/core/subscription.ts';
import { aLease } from '../../support/shards.ts';
import { aStreamRow, HOUR, NOW, SECOND } from '../operations/a-subscription.ts';

const at = (momentMs: number) => ({ at: 'time', momentMs }) as const;
/** A shard that is read up to a moment, and was seen caught up just now. */
const readUpTo = (shardId: string, lastRecordAtMs: number | null): LeaseRow =>
  aLease({ shardId, epoch: 1, position: afterSequenceNumber('9'), lastRecordAtMs, caughtUpAtMs: NOW });
const rewind = (leases: readonly LeaseRow[], momentMs: number, stream: Partial<StreamRow> = {}) =>
  planRewind([{ row: aStreamRow({ listedAtMs: NOW, ...stream }), leases }], at(momentMs), NOW);

describe('a rewind', () => {
  test('reads every shard again that has a change since then, that of the moment itself too', () => {
    const leases = [
      readUpTo('before', NOW - 3 * HOUR),
      readUpTo('at', NOW - 2 * HOUR),
      readUpTo('since', NOW - HOUR),
      readUpTo('never', null),
    ];

    const plan = rewind(leases, NOW - 2 * HOUR);

    expect(plan.shards).toEqual([
      { shardId: 'at', is: 'read-again', fromMs: NOW - 2 * HOUR, toMs: NOW - 2 * HOUR },
      { shardId: 'since', is: 'read-again', fromMs: NOW - 2 * HOUR, toMs: NOW - HOUR },
    ]);
    expect([plan.againFromMs, plan.againToMs, plan.goneBeforeMs]).toEqual([NOW - 2 * HOUR, NOW - HOUR, null]);
  });

  test('passes over what a shard has not delivered since before then', () => {
    const behind = aLease({
      shardId: 'a',
      epoch: 1,
      position: afterSequenceNumber('9'),
      lastRecordAtMs: NOW - 3 * HOUR,
    });

    const plan = rewind([behind], NOW - HOUR);

    expect(plan.shards).toEqual([{ shardId: 'a', is: 'passed-over', fromMs: NOW - 3 * HOUR, toMs: NOW - HOUR }]);
    expect([plan.againFromMs, plan.againToMs]).toEqual([null, null]);
  });

  test('to what the stream keeps exactly as long loses nothing, and one further back says from when on changes are gone', () => {
    expect(rewind([], NOW - 24 * HOUR).goneBeforeMs).toBeNull();
    expect(rewind([], NOW - 24 * HOUR - SECOND).goneBeforeMs).toBe(NOW - 24 * HOUR);
    expect(rewind([], NOW - 30 * HOUR, { retentionMs: 48 * HOUR }).goneBeforeMs).toBeNull();
    expect(rewind([], NOW - 60 * HOUR, { retentionMs: 48 * HOUR }).goneBeforeMs).toBe(NOW - 48 * HOUR);
  });

  test('to the trim horizon asks for nothing that is gone', () => {
    const streams = [{ row: aStreamRow({ listedAtMs: NOW }), leases: [readUpTo('a', NOW - HOUR)] }];

    const plan = planRewind(streams, { at: 'trim-horizon' }, NOW);

    expect(plan.goneBeforeMs).toBeNull();
    expect([plan.againFromMs, plan.againToMs]).toEqual([NOW - 24 * HOUR, NOW - HOUR]);
  });
});

describe('an import', () => {
  const read = (shardId: string, sequenceNumber: string, lastRecordAtMs: number | null = null) =>
    aLease({ shardId, epoch: 1, position: afterSequenceNumber(sequenceNumber), lastRecordAtMs });

  test('reads a shard again that it is behind with, and passes over what it is ahead with', () => {
    const current = [read('a', '20', NOW - HOUR), read('b', '20', NOW - 3 * HOUR), read('c', '20', NOW)];
    const imported = [read('a', '10', NOW - 2 * HOUR), read('b', '30', NOW), read('c', '20', NOW)];

    const plan = planImport(current, imported);

    expect(plan.shards).toEqual([
      { shardId: 'a', is: 'read-again', fromMs: NOW - 2 * HOUR, toMs: NOW - HOUR },
      { shardId: 'b', is: 'passed-over', fromMs: NOW - 3 * HOUR, toMs: NOW },
    ]);
    expect([plan.againFromMs, plan.againToMs, plan.goneBeforeMs]).toEqual([NOW - 2 * HOUR, NOW - HOUR, null]);
  });

  test('tells the whole span of several shards, and leaves out what is not known', () => {
    const current = [read('a', '20', NOW - HOUR), read('b', '20', NOW - 2 * HOUR), read('c', '20')];
    const imported = [read('a', '10', NOW - 5 * HOUR), read('b', '10', NOW - 4 * HOUR), read('c', '10')];

    const plan = planImport(current, imported);

    expect([plan.againFromMs, plan.againToMs]).toEqual([NOW - 5 * HOUR, NOW - HOUR]);
  });

  test('passes over what it has read of a shard that is not known here, and no shard that it has not begun', () => {
    const imported = [
      read('read', '10', NOW - HOUR),
      aLease({ shardId: 'ended', position: shardEnd() }),
      aLease({ shardId: 'unread', position: atSequenceNumber('1') }),
      aLease({ shardId: 'root' }),
    ];

    const plan = planImport([read('a', '20')], imported);

    expect(plan.shards).toEqual([
      { shardId: 'read', is: 'passed-over', fromMs: null, toMs: NOW - HOUR },
      { shardId: 'ended', is: 'passed-over', fromMs: null, toMs: null },
    ]);
  });

  test('into a subscription that has no positions yet passes over nothing', () => {
    expect(planImport([], [read('a', '10')])).toEqual({
      shards: [],
      againFromMs: null,
      againToMs: null,
      goneBeforeMs: null,
    });
  });
});

import { describe, expect, test } from 'vitest';
import type { LeaseRow } from '../../../shared/core/lease.ts';
import type { State } from '../../../shared/core/ports.ts';
import { afterSequenceNumber } from '../../../shared/core/position.ts';
import { type AwsAnswer, awsError } from '../../support/aws-endpoint.ts';
import { aState, LEASE, ORDERS, POINTER } from './a-state.ts';

const ADVANCED: LeaseRow = { ...LEASE, position: afterSequenceNumber('17'), revision: 21 };
const CHILD: LeaseRow = { ...LEASE, shardId: 'shard-b', parents: ['shard-a'], owner: null, epoch: 0, revision: 0 };

describe('a write that meets a transaction', () => {
  test.for([
    ['UpdateItem', awsError('TransactionConflictException')],
    ['TransactWriteItems', cancelled('None', 'TransactionConflict')],
    ['TransactWriteItems', cancelled('ThrottlingError', 'ProvisionedThroughputExceeded')],
  ] as const)('is repeated until it gets through: %s', async ([operation, conflict]) => {
    let conflicts = 3;
    const { state, waits } = await aState((request, pass) =>
      request.operation === operation && conflicts-- > 0 ? conflict : pass(request),
    );
    await state.createLeases(ORDERS, [LEASE]);

    const outcome =
      operation === 'UpdateItem'
        ? await state.updateLease(ORDERS, LEASE, ADVANCED)
        : await state.finishLease(ORDERS, LEASE, ADVANCED, [CHILD]);

    expect(outcome).toEqual({ ok: true });
    expect(await state.lease(ORDERS, 'shard-a')).toEqual(ADVANCED);
    expect(waits).toEqual([12.5, 25, 50]);
  });

  test('throws after the eighth repeat', async () => {
    const { state, waits } = await aState((request, pass) =>
      request.operation === 'TransactWriteItems' ? cancelled('TransactionConflict', 'None') : pass(request),
    );
    await state.createLeases(ORDERS, [LEASE]);

    await expect(state.finishLease(ORDERS, LEASE, ADVANCED, [CHILD])).rejects.toMatchObject({
      name: 'TransactionCanceledException',
    });
    expect(waits).toEqual([12.5, 25, 50, 100, 200, 400, 500, 500]);
    expect(await state.lease(ORDERS, 'shard-a')).toEqual(LEASE);
  });

  test('throws at once where something else is wrong with it', async () => {
    const { state, requests, waits } = await aState((request, pass) =>
      request.operation === 'TransactWriteItems' ? cancelled('None', 'ValidationError') : pass(request),
    );

    await expect(state.finishLease(ORDERS, LEASE, ADVANCED, [CHILD])).rejects.toMatchObject({
      name: 'TransactionCanceledException',
    });
    expect(requests).toHaveLength(1);
    expect(waits).toEqual([]);
  });
});

describe('a write whose answer is lost', () => {
  const writes: readonly [string, string, (state: State) => Promise<unknown>][] = [
    ['updateLease', 'UpdateItem', (state) => state.updateLease(ORDERS, LEASE, ADVANCED)],
    ['finishLease', 'TransactWriteItems', (state) => state.finishLease(ORDERS, LEASE, ADVANCED, [CHILD])],
    ['requestLease', 'UpdateItem', (state) => state.requestLease(ORDERS, LEASE, 'walk-2')],
    ['createLeases', 'PutItem', (state) => state.createLeases(ORDERS, [CHILD])],
    ['putControl', 'PutItem', (state) => state.putControl('orders', POINTER, null)],
  ];
  test.for(writes)('is found done when the SDK repeats it: %s', async ([, operation, write]) => {
    const { state: direct, tableName } = await aState();
    await direct.createLeases(ORDERS, [LEASE]);
    let losses = 1;
    const { state, requests } = await aState(async (request, pass) => {
      const answer = await pass(request);
      return losses-- > 0 ? 'hang-up' : answer;
    }, tableName);

    expect([{ ok: true }, true, undefined]).toContainEqual(await write(state));
    expect(requests.map((request) => request.operation)).toEqual([operation, operation]);
  });

  test('is no success where the row holds what another wrote', async () => {
    const { state: direct, tableName } = await aState();
    await direct.createLeases(ORDERS, [LEASE]);
    const other = { ...LEASE, owner: 'walk-2', epoch: 8, revision: 21 };
    let losses = 1;
    const { state } = await aState(async (request, pass) => {
      if (losses-- <= 0) return pass(request);
      await direct.updateLease(ORDERS, LEASE, other);
      return 'hang-up';
    }, tableName);

    expect(await state.updateLease(ORDERS, LEASE, ADVANCED)).toEqual({ ok: false, current: other });
  });

  test('throws when no answer ever comes', async () => {
    const { state } = await aState(() => 'hang-up');

    await expect(state.updateLease(ORDERS, LEASE, ADVANCED)).rejects.toThrow();
  });
});

function cancelled(...codes: readonly string[]): AwsAnswer {
  return awsError('TransactionCanceledException', { CancellationReasons: codes.map((Code) => ({ Code })) });
}

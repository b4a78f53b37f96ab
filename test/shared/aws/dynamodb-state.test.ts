import { GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { dynamodbState } from '../../../shared/aws/dynamodb-state.ts';
import { scanStream } from '../../../shared/core/scan.ts';
import { controlKey, gapKey, gapRow, leaseKey } from '../../../shared/core/state-row.ts';
import { newRow } from '../../../shared/core/stream-rows.ts';
import { controlRowId } from '../../../shared/core/subscription.ts';
import { awsError } from '../../support/aws-endpoint.ts';
import { sharedDynamoDbLocal, uniqueName } from '../../support/dynamodb-local.ts';
import { stateScenarios } from '../../support/state-scenarios.ts';
import { aState, LEASE, ORDERS, POINTER } from './a-state.ts';

stateScenarios(async () => (await aState()).state);

describe('reads', () => {
  test('are strongly consistent, each of them', async () => {
    const { state, requests } = await aState((request, pass) => pass(request));

    await Promise.all([
      state.control('orders'),
      state.pointer('orders'),
      state.leases(ORDERS),
      state.lease(ORDERS, 'shard-a'),
    ]);

    expect(requests.map(({ operation }) => operation).sort()).toEqual(['GetItem', 'GetItem', 'Query', 'Query']);
    expect(requests.map(({ body }) => JSON.parse(body).ConsistentRead)).toEqual([true, true, true, true]);
  });

  test('of a table that does not exist throw', async () => {
    const { dynamodb: client } = await sharedDynamoDbLocal();

    await expect(dynamodbState({ client, tableName: uniqueName('none') }).control('orders')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('refuse a row of a newer format, naming it', async () => {
    const { state, client, tableName } = await aState();
    await state.putControl('orders', POINTER, null);
    await client.send(
      new UpdateItemCommand({
        TableName: tableName,
        Key: controlKey('orders', 'pointer'),
        UpdateExpression: 'SET #format = :format',
        ExpressionAttributeNames: { '#format': 'format' },
        ExpressionAttributeValues: { ':format': { N: '2' } },
      }),
    );

    const refusal = {
      code: 'invalid-state',
      message:
        'the row "subscription#orders", "pointer" of the state table has format 2, and this release of Millrace reads formats up to 1: deploy the newer release',
    };
    await expect(state.pointer('orders')).rejects.toMatchObject(refusal);
    await expect(state.control('orders')).rejects.toMatchObject(refusal);
  });

  test('refuse a row that Millrace did not write, naming it and the field', async () => {
    const { state, client, tableName } = await aState();
    await state.createLeases(ORDERS, [LEASE]);
    await client.send(
      new UpdateItemCommand({
        TableName: tableName,
        Key: leaseKey(ORDERS, 'shard-a'),
        UpdateExpression: 'SET lease.epoch = :epoch',
        ExpressionAttributeValues: { ':epoch': { S: 'seven' } },
      }),
    );

    await expect(state.leases(ORDERS)).rejects.toMatchObject({
      code: 'invalid-state',
      message: expect.stringMatching(
        /"shard#shard-a" .* is malformed: lease.epoch must be a whole number, got "seven"$/,
      ),
    });
  });
});

describe('rows', () => {
  test('are removed from the first moment that was set on, in whole seconds, not before it', async () => {
    const { state, client, tableName } = await aState();
    await state.createLeases(ORDERS, [LEASE]);

    await state.expireLeases(ORDERS, ['shard-a'], 1_790_000_000_001);
    await state.expireLeases(ORDERS, ['shard-a'], 1_890_000_000_000);

    const { Item } = await client.send(new GetItemCommand({ TableName: tableName, Key: leaseKey(ORDERS, 'shard-a') }));
    expect(Item?.removeAt).toEqual({ N: '1790000001' });
    expect(await state.lease(ORDERS, 'shard-a')).toEqual({ ...LEASE, removeAtMs: 1_790_000_001_000 });
  });

  test('keep their moment of removal when they are written again', async () => {
    const { state } = await aState();
    await state.createLeases(ORDERS, [LEASE]);
    await state.expireLeases(ORDERS, ['shard-a'], 1_790_000_000_000);
    const read = await state.lease(ORDERS, 'shard-a');
    if (read === null) throw new Error('the lease is gone');

    await state.updateLease(ORDERS, read, { ...read, revision: 21 });

    expect(await state.lease(ORDERS, 'shard-a')).toEqual({ ...LEASE, revision: 21, removeAtMs: 1_790_000_000_000 });
  });

  test('of a scan are removed from their moment on', async () => {
    const { state, client, tableName } = await aState();
    const row = {
      ...newRow(POINTER, scanStream('arn:orders', 1)),
      run: 1,
      removeAtMs: 1_790_000_000_001,
    };

    await state.putControl('orders', row, null);

    const Key = controlKey('orders', controlRowId(row));
    const { Item } = await client.send(new GetItemCommand({ TableName: tableName, Key }));
    expect(Item?.removeAt).toEqual({ N: '1790000001' });
    expect(await state.control('orders')).toEqual([row]);
  });

  test('of a gap are written once', async () => {
    const { state, client, tableName } = await aState();
    const gap = { id: 'gap-1', reason: 'trimmed', shardId: 'shard-a', after: '17', detectedAtMs: 1_000 } as const;

    await state.putGap('orders', gap);
    await state.putGap('orders', { ...gap, detectedAtMs: 2_000 });

    const { Item } = await client.send(new GetItemCommand({ TableName: tableName, Key: gapKey('orders', 'gap-1') }));
    expect(Item && gapRow(Item)).toEqual(gap);
  });

  test('are created ten at a time, and a failed one does not leave others on the way', async () => {
    let inFlight = 0;
    let most = 0;
    const { state, requests } = await aState(async (request) => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inFlight -= 1;
      return request.body.includes('shard-7') ? awsError('AccessDeniedException') : { body: '{}' };
    });
    const leases = Array.from({ length: 30 }, (_, n) => ({ ...LEASE, shardId: `shard-${n}` }));

    await expect(state.createLeases(ORDERS, leases)).rejects.toMatchObject({ name: 'AccessDeniedException' });

    expect(most).toBe(10);
    expect(inFlight).toBe(0);
    expect(requests).toHaveLength(30);
  });

  test('that are not rows of leases are no leases', async () => {
    const { state, client, tableName } = await aState();
    const key = { ...leaseKey(ORDERS, 'shard-a'), sk: { S: 'something' } };
    await client.send(new PutItemCommand({ TableName: tableName, Item: key }));

    await expect(state.leases(ORDERS)).rejects.toMatchObject({ code: 'invalid-state' });
  });
});

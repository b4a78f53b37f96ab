import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { changeHandler } from '../../../shared/handler.ts';
import { parkedItems, parkingPorts, parkingTable } from '../../../shared/parking.ts';
import { eventOf, insertOf } from '../../../shared/testing/index.ts';
import { awsEndpoint } from '../../support/aws-endpoint.ts';
import { capturedLog } from '../handler/captured-log.ts';

const event = eventOf([insertOf({ id: 'a' })]);
const failing = (parking = parkingTable()) =>
  changeHandler<object>(
    { insert: () => Promise.reject(new Error('no')) },
    { parking, logger: capturedLog().logger(), metrics: false },
  );

beforeEach(() => {
  vi.stubEnv('MILLRACE_PARKING_TABLE', undefined);
  vi.stubEnv('MILLRACE_SUBSCRIPTION', undefined);
  vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** A DynamoDB that has nothing, and notes which rows it is asked for. */
async function anEmptyTable() {
  const { endpoint, requests } = await awsEndpoint(() => ({
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: '{"Items":[]}',
  }));
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  return { client, asked: () => requests.map(({ operation, body }) => ({ operation, ...JSON.parse(body) })) };
}

describe('parkingTable', () => {
  test('parks nothing outside Lambda where no table is named, so that a handler can be tested without AWS', async () => {
    const answer = await failing()(event);

    expect(answer.batchItemFailures).toHaveLength(1);
  });

  test('fails an event in Lambda where no table is named', async () => {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'orders');

    await expect(failing()(event)).rejects.toThrow(
      /tableName, or the environment variable MILLRACE_PARKING_TABLE, must name the parking table, got nothing/,
    );
  });

  test('reads, once a batch and strongly consistent, from the table that the environment names', async () => {
    const { client, asked } = await anEmptyTable();
    vi.stubEnv('MILLRACE_PARKING_TABLE', 'parked');
    vi.stubEnv('MILLRACE_SUBSCRIPTION', 'orders');
    const handler = changeHandler<object>({}, { parking: parkingTable({ client }), logger: capturedLog().logger() });

    await handler(event);

    expect(asked()).toMatchObject([
      {
        operation: 'Query',
        TableName: 'parked',
        ConsistentRead: true,
        ExpressionAttributeValues: { ':pk': { S: 'parked#orders' } },
      },
    ]);
  });

  test.each([
    [{ MILLRACE_SUBSCRIPTION: 'orders', AWS_LAMBDA_FUNCTION_NAME: 'function' }, {}, 'parked#orders'],
    [{ MILLRACE_SUBSCRIPTION: '', AWS_LAMBDA_FUNCTION_NAME: 'function' }, {}, 'parked#function'],
    [{}, {}, 'parked#direct'],
    [{ MILLRACE_SUBSCRIPTION: 'orders' }, { subscription: 'mine' }, 'parked#mine'],
  ])('keeps the changes of %o with %o under %s', async (env, location, partition) => {
    const { client, asked } = await anEmptyTable();
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);

    await parkedItems(parkingPorts({ client, tableName: 'parked', ...location }).store);

    expect(asked()).toMatchObject([{ ExpressionAttributeValues: { ':pk': { S: partition } } }]);
  });

  test('refuses limits at once, not when the first change fails', () => {
    expect(() => parkingTable({ attempts: -1 })).toThrow('attempts must be a whole number from 1 to 100, got -1');
  });
});

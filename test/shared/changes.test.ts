import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { expect, test } from 'vitest';
import { type ChangesOptions, changes, type TailNotice } from '../../shared/changes.ts';
import { awsEndpoint, awsError, forward } from '../support/aws-endpoint.ts';
import { clients, createStreamedTable, sharedDynamoDbLocal } from '../support/dynamodb-local.ts';

const LOCAL = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

async function aTable() {
  const local = await sharedDynamoDbLocal();
  const { tableName, streamArn } = await createStreamedTable(local.dynamodb);
  const put = async (id: string, n: number): Promise<void> => {
    await local.dynamodb.send(new PutItemCommand({ TableName: tableName, Item: { id: { S: id }, n: { N: `${n}` } } }));
  };
  /** So many changes, in words, and the token behind them. */
  const take = async (count: number, options: Partial<ChangesOptions> = {}) => {
    const following = changes<{ id: string; n: number }>({ table: tableName, clients: local, ...options });
    const taken: string[] = [];
    for await (const change of following) {
      const image = 'newImage' in change ? change.newImage.n : '';
      taken.push(`${change.kind} ${'keys' in change ? change.keys.id : ''} ${image}`.trim());
      if (taken.length === count) break;
    }
    return { taken, token: following.token() };
  };
  return { ...local, tableName, streamArn, put, take };
}

test('changes are typed, begin where they are asked to, and go on from a token', async () => {
  const { dynamodb, tableName, put, take } = await aTable();
  await put('a', 1);
  await put('a', 2);
  await dynamodb.send(new DeleteItemCommand({ TableName: tableName, Key: { id: { S: 'a' } } }));
  await put('b', 3);

  const first = await take(2, { since: 'trim-horizon' });
  const second = await take(2, { since: first.token });

  expect(first.taken).toEqual(['insert a 1', 'modify a 2']);
  expect(second.taken).toEqual(['remove a', 'insert b 3']);
});

test('without a time only what comes after the beginning is told', async () => {
  const { put, take } = await aTable();
  await put('old', 1);

  const taking = take(1);
  const writing = setInterval(() => void put('new', Date.now()), 100);
  const { taken } = await taking.finally(() => clearInterval(writing));

  expect(taken[0]).toMatch(/^(insert|modify) new/);
});

test('only what the filters let through is told', async () => {
  const { put, take } = await aTable();
  for (const id of ['a', 'b', 'c']) await put(id, 1);

  const { taken } = await take(1, { since: 'trim-horizon', filters: [{ dynamodb: { Keys: { id: { S: ['c'] } } } }] });

  expect(taken).toEqual(['insert c 1']);
});

test('a stream is followed by its ARN as well', async () => {
  const { streamArn, put, take } = await aTable();
  await put('a', 1);

  expect((await take(1, { table: streamArn, since: 'trim-horizon' })).taken).toEqual(['insert a 1']);
});

test('a signal ends the iteration', async () => {
  const { tableName, dynamodb, streams } = await aTable();
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 300);

  for await (const change of changes({ table: tableName, clients: { dynamodb, streams }, signal: stop.signal })) {
    throw new Error(`nothing was written, and this came: ${change.kind}`);
  }

  expect(stop.signal.aborted).toBe(true);
});

test('a third reader is told that it is one, and reads when it may', async () => {
  const { endpoint, put, take } = await aTable();
  await put('a', 1);
  let refusals = 0;
  const between = await awsEndpoint((request) =>
    request.operation === 'GetRecords' && refusals++ < 1
      ? awsError('LimitExceededException')
      : forward(request, endpoint),
  );
  const { dynamodb } = clients(between.endpoint);
  const streams = new DynamoDBStreamsClient({ ...LOCAL, endpoint: between.endpoint, maxAttempts: 1 });
  const notices: TailNotice[] = [];

  const { taken } = await take(1, {
    since: 'trim-horizon',
    clients: { dynamodb, streams },
    onNotice: (notice) => notices.push(notice),
  });

  expect(taken).toEqual(['insert a 1']);
  expect(notices[0]).toMatchObject({ kind: 'throttled', message: expect.stringContaining('LimitExceeded') });
});

test.each([
  ['yesterday', 'since must be an ISO 8601 time'],
  ['{"format":1}', 'kind is missing'],
])('since %s is refused at once', (since, message) => {
  expect(() => changes({ table: 'orders', since, region: 'eu-west-1' })).toThrow(message);
});

test('a table that is not there is refused when the iteration begins', async () => {
  const { dynamodb, streams } = await sharedDynamoDbLocal();
  const following = changes({ table: 'nothing', clients: { dynamodb, streams } });

  await expect(following[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'invalid-request' });
});

test('a stream that is not there is refused when the iteration begins', async () => {
  const { streamArn, dynamodb, streams } = await aTable();
  const gone = streamArn.replace(/stream\/.*$/, 'stream/2020-01-01T00:00:00.000');
  const following = changes({ table: gone, clients: { dynamodb, streams } });

  await expect(following[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    code: 'invalid-request',
    message: `there is no stream ${gone}`,
  });
});

test.each(['', 'no table', 'arn:aws:kinesis:us-east-1:000000000000:stream/orders', 'arn:aws:sqs:us-east-1:1:queue'])(
  'the table %j is refused at once',
  (table) => {
    expect(() => changes({ table, region: 'us-east-1' })).toThrow(
      `must be the name of a DynamoDB table, its ARN, or the ARN of its stream, got ${JSON.stringify(table)}`,
    );
  },
);

test('a table is followed by its ARN as well', async () => {
  const { streamArn, put, take } = await aTable();
  await put('a', 1);
  const table = streamArn.replace(/\/stream\/.*$/, '').replace(':ddblocal:', ':us-east-1:');

  expect((await take(1, { table, since: 'trim-horizon' })).taken).toEqual(['insert a 1']);
});

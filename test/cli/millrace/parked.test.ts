import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { parkingTableDefinition } from '../../../shared/core/parking.ts';
import type { ChangeEvent } from '../../../shared/core/record.ts';
import { changeHandler } from '../../../shared/handler.ts';
import { parkingTable } from '../../../shared/parking.ts';
import { eventOf, insertOf } from '../../../shared/testing/index.ts';
import { type AwsAnswer, type AwsRequest, awsEndpoint } from '../../support/aws-endpoint.ts';
import { sharedDynamoDbLocal, uniqueName } from '../../support/dynamodb-local.ts';
import { millrace } from './command.ts';

const MINUTE = 60_000;
type Handler = (event: ChangeEvent) => unknown;

const FUNCTION = 'arn:aws:lambda:us-east-1:111122223333:function:receipts';

/** A function that parks, behind Lambda's API, and an on-failure bucket behind S3's. */
async function aParkingFunction(objects: Map<string, string> = new Map(), other?: Handler) {
  const { dynamodb, endpoint } = await sharedDynamoDbLocal();
  const tableName = uniqueName('parked');
  await dynamodb.send(new CreateTableCommand(parkingTableDefinition(tableName)));
  const broken = new Set<string>();
  const handled: string[] = [];
  const handler = changeHandler<{ id: string; n: number }>(
    {
      insert: ({ newImage }) => {
        if (broken.has(newImage.id)) throw new Error(`the receipt of ${newImage.id} is refused`);
        handled.push(`${newImage.id}${newImage.n}`);
      },
    },
    { parking: parkingTable({ tableName, subscription: 'receipts', client: dynamodb, attempts: 1, stopAfter: 10 }) },
  );
  const answer = async (request: AwsRequest): Promise<AwsAnswer> => {
    if (request.path.endsWith('/invocations')) {
      return invoked(other ?? handler, request.body);
    }
    if (request.path.includes('/functions/')) {
      const Variables = { MILLRACE_PARKING_TABLE: tableName, MILLRACE_SUBSCRIPTION: 'receipts' };
      return { body: JSON.stringify({ FunctionArn: FUNCTION, Timeout: 30, Environment: { Variables } }) };
    }
    if (request.path.startsWith('/2015-03-31/event-source-mappings')) {
      const EventSourceArn = 'arn:aws:dynamodb:us-east-1:111122223333:table/orders/stream/2026-01-01T00:00:00.000';
      return { body: JSON.stringify({ EventSourceMappings: [{ UUID: 'u', EventSourceArn, FunctionArn: FUNCTION }] }) };
    }
    return s3Answer(request, objects);
  };
  const account = await awsEndpoint(answer);
  const env = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_LAMBDA: account.endpoint,
    AWS_ENDPOINT_URL_S3: account.endpoint,
  };
  return {
    handler,
    broken,
    handled,
    run: (...args: readonly string[]) => millrace([...args, '--endpoint', endpoint], env),
  };
}

/** What Lambda answers when the function returns, and when it throws. */
async function invoked(handler: Handler, body: string): Promise<AwsAnswer> {
  try {
    return { body: JSON.stringify((await handler(JSON.parse(body))) ?? null) };
  } catch (error) {
    const errorMessage = error instanceof Error ? error.message : String(error);
    return {
      headers: { 'x-amz-function-error': 'Unhandled' },
      body: JSON.stringify({ errorType: 'Error', errorMessage }),
    };
  }
}

/** The part of S3 that lists, reads and removes objects. */
function s3Answer({ path }: AwsRequest, objects: Map<string, string>): AwsAnswer {
  const { pathname, searchParams } = new URL(path, 'http://s3');
  if (searchParams.has('list-type')) {
    const contents = [...objects.keys()].map(
      (key, index) =>
        `<Contents><Key>${key}</Key><LastModified>2026-02-03T04:05:0${index}.000Z</LastModified></Contents>`,
    );
    return {
      headers: { 'content-type': 'application/xml' },
      body: `<ListBucketResult>${contents.join('')}</ListBucketResult>`,
    };
  }
  const key = decodeURIComponent(pathname.replace(/^\/given-up\//, ''));
  if (searchParams.get('x-id') === 'DeleteObject') {
    objects.delete(key);
    return { status: 204 };
  }
  return { body: objects.get(key) ?? '' };
}

const insert = (id: string, n: number) => insertOf({ id, n });

test(
  'parked items are listed with their counts and errors, and redriven in order once the handler is mended',
  async () => {
    const { handler, broken, handled, run } = await aParkingFunction();
    broken.add('a');
    await handler(eventOf([insert('a', 1), insert('b', 1), insert('a', 2)]));

    const table = await run('parked', 'receipts');
    const json = await run('parked', 'receipts', '--json');
    const status = await run('status', 'receipts');
    const failing = await run('redrive', 'receipts', '--json');
    broken.clear();
    const mended = await run('redrive', 'receipts');
    const empty = await run('parked', 'receipts');
    const mistyped = await run('redrive', 'receipts', '--item', 'no such item');

    expect(table.code).toBe(1);
    expect(table.out).toMatch(
      /CHANGES +WAITS FOR +REDRIVES +ITEM +ERROR\n +2 +\d+ s +0 +\S.* Error: the receipt of a is refused/,
    );
    expect(JSON.parse(json.out)).toMatchObject({ subscription: 'receipts', items: [{ changes: 2 }] });
    expect(status.code).toBe(1);
    expect(status.out.split('\n')[1]).toMatch(/^receipts +mapping +unknown +- +- +1 /);
    expect(failing.code).toBe(1);
    expect(JSON.parse(failing.out)).toMatchObject({
      redriven: 0,
      failed: [{ error: expect.stringContaining('refused') }],
    });
    expect(mended).toEqual({ code: 0, out: '2 changes handled, 1 item free\n', errors: '' });
    expect(empty).toEqual({ code: 0, out: 'nothing of receipts is parked\n', errors: '' });
    expect(mistyped).toEqual({ code: 1, out: '0 changes handled, 0 items free\nnot parked: 1 item\n', errors: '' });
    expect(handled).toEqual(['b1', 'a1', 'a2']);
  },
  MINUTE,
);

test(
  'what waits of an item is dropped only when somebody says so, and told before it is gone',
  async () => {
    const { handler, broken, run } = await aParkingFunction();
    broken.add('a');
    await handler(eventOf([insert('a', 1), insert('a', 2), insert('a', 3)]));
    const [{ item }] = JSON.parse((await run('parked', 'receipts', '--json')).out).items;

    const unasked = await run('parked', 'receipts', '--discard', item);
    const oldest = await run('parked', 'receipts', '--discard', item, '--oldest', '1', '--yes');
    const rest = await run('parked', 'receipts', '--discard', item, '--yes');
    const again = await run('parked', 'receipts', '--discard', item, '--yes');

    expect(unasked).toMatchObject({ code: 3, out: '' });
    expect(oldest).toMatchObject({ code: 0, errors: 'dropped 1 change\n' });
    expect(JSON.parse(oldest.out)).toMatchObject({ eventName: 'INSERT', dynamodb: { NewImage: { n: { N: '1' } } } });
    expect(rest).toMatchObject({ code: 0, errors: 'dropped 2 changes; the item is free\n' });
    expect(again).toMatchObject({ code: 3, errors: 'nothing was changed: nothing of this item is parked\n' });
  },
  MINUTE,
);

test(
  'batches that were given up into a bucket are handled oldest first, and an item that fails again holds up only itself',
  async () => {
    const event = (id: string, n: number) => JSON.stringify(eventOf([insert(id, n)]));
    const objects = new Map([
      ['m/1', JSON.stringify({ version: '1.0', payload: event('a', 1) })],
      ['m/2', JSON.stringify({ version: '1.0', payload: event('b', 1) })],
      ['m/3', JSON.stringify({ version: '1.0', payload: event('a', 2) })],
      ['m/4', JSON.stringify({ version: '1.0' })],
    ]);
    let isBroken = true;
    const handled: string[] = [];
    const { run } = await aParkingFunction(
      objects,
      changeHandler<{ id: string; n: number }>({
        insert: ({ newImage: { id, n } }) => {
          if (isBroken && id === 'a') throw new Error('refused');
          handled.push(`${id}${n}`);
        },
      }),
    );

    const unasked = await run('redrive', 'receipts', '--bucket', 'given-up', '--prefix', 'm/');
    const first = await run('redrive', 'receipts', '--bucket', 'given-up', '--prefix', 'm/', '--yes');
    isBroken = false;
    const second = await run('redrive', 'receipts', '--bucket', 'given-up', '--prefix', 'm/', '--yes', '--json');

    expect(unasked).toMatchObject({ code: 3 });
    expect(first.code).toBe(1);
    expect(first.out.split('\n')).toEqual([
      '1 batch handled',
      'left: m/1: the handler refused a change',
      'left: m/3: older changes of its items wait',
      'left: m/4: it carries no event',
      '',
    ]);
    expect(JSON.parse(second.out)).toEqual({
      subscription: 'receipts',
      handled: 2,
      left: [{ key: 'm/4', why: 'it carries no event' }],
    });
    expect(handled).toEqual(['b1', 'a1', 'a2']);
    expect([...objects.keys()]).toEqual(['m/4']);
  },
  MINUTE,
);

test('a handler that does not park has nothing to redrive', async () => {
  const { run } = await aParkingFunction(new Map(), changeHandler<{ id: string }>({ insert: () => undefined }));

  const { code, errors } = await run('redrive', 'receipts');

  expect(code).toBe(4);
  expect(errors).toContain('error: the handler did not redrive: Error: the handler was asked to redrive');
});

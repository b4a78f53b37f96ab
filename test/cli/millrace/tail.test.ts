import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { awsEndpoint, awsError, forward } from '../../support/aws-endpoint.ts';
import { millrace, startMillrace } from './command.ts';
import { until, walkedOrders } from './walked-orders.ts';

const MINUTE = 60_000;

async function ordersWithChanges() {
  const orders = await walkedOrders();
  const { dynamodb, tableName: TableName } = orders;
  const put = (id: string, status: string) =>
    dynamodb.send(new PutItemCommand({ TableName, Item: { id: { S: id }, status: { S: status }, n: { N: '1' } } }));
  await put('a', 'new');
  await put('a', 'paid');
  await dynamodb.send(new DeleteItemCommand({ TableName, Key: { id: { S: 'a' } } }));
  return { ...orders, put };
}

describe('millrace tail', () => {
  test(
    'prints each change with its item, and of a modify what differs',
    async () => {
      const orders = await ordersWithChanges();

      const { code, out } = await orders.run('tail', orders.tableName, '--since', 'trim-horizon', '--limit', '3');

      expect(code).toBe(0);
      expect(
        out
          .trimEnd()
          .split('\n')
          .map((line) => line.replace(/^\S+Z {2}/, 'T ')),
      ).toEqual([
        "T insert  id=a  { id: 'a', n: 1, status: 'new' }",
        'T modify  id=a',
        "  - status: 'new'",
        "  + status: 'paid'",
        "T remove  id=a  { id: 'a', n: 1, status: 'paid' }",
      ]);
    },
    MINUTE,
  );

  test(
    'prints the records of Lambda with --json, those that the filter lets through',
    async () => {
      const orders = await ordersWithChanges();
      const { run, tableName } = orders;

      const removed = await run(
        'tail',
        tableName,
        '--since',
        'trim-horizon',
        '--limit',
        '1',
        '--json',
        '--filter',
        'remove',
      );
      await orders.put('b', 'new');
      const byKey = await run(
        'tail',
        orders.streamArn,
        '--since',
        'trim-horizon',
        '--limit',
        '1',
        '--json',
        '--filter',
        'id=b',
      );

      expect(JSON.parse(removed.out)).toMatchObject({ eventName: 'REMOVE', dynamodb: { Keys: { id: { S: 'a' } } } });
      expect(JSON.parse(byKey.out)).toMatchObject({ eventName: 'INSERT', dynamodb: { Keys: { id: { S: 'b' } } } });
    },
    MINUTE,
  );

  test(
    'follows a subscription while it is walked, until it is interrupted, and takes nothing from it',
    async () => {
      const orders = await walkedOrders();
      await orders.write('a');
      await orders.walkUntil(1);

      const following = orders.start('tail', 'orders', '--json');
      await until(async () => {
        await orders.write(`probe-${Date.now()}`);
        return following.out().includes('probe-');
      });
      const count = following.out().trimEnd().split('\n').length;
      await orders.write('b');
      await until(() => following.out().includes('"b"'));
      following.kill('SIGINT');
      await orders.walkUntil(2 + count);

      expect(await following.ended).toMatchObject({ code: 0, errors: '' });
      expect(following.out()).not.toContain('"a"');
      expect(orders.delivered.at(-1)).toBe('b');
    },
    MINUTE,
  );

  test(
    'says when it is the third reader, and reads later',
    async () => {
      const orders = await ordersWithChanges();
      let refusals = 0;
      const between = await awsEndpoint((request) =>
        request.operation === 'GetRecords' && refusals++ < 2
          ? awsError('LimitExceededException')
          : forward(request, orders.endpoint),
      );

      const { code, out, errors } = await millrace([
        ...['tail', orders.tableName, '--since', 'trim-horizon', '--limit', '1'],
        ...['--endpoint', between.endpoint],
      ]);

      expect([code, out.split('\n').length]).toEqual([0, 2]);
      expect(errors).toBe(
        'this tail is the third reader of the stream, of which DynamoDB allows two: it reads what they leave, later\n',
      );
    },
    MINUTE,
  );

  test('ends without an error when nobody reads it any more', async () => {
    const orders = await ordersWithChanges();
    const following = startMillrace([
      ...['tail', orders.tableName, '--since', 'trim-horizon', '--endpoint', orders.endpoint],
    ]);
    await until(() => following.out().includes('insert'));
    following.closeOutput();
    await orders.put('b', 'new');

    expect(await following.ended).toMatchObject({ code: 0, errors: '' });
  });

  test.each([
    [['--since', 'yesterday'], /since must be an ISO 8601 time/],
    [['--filter', 'everything'], /--filter must be kinds/],
    [['--filter', '{"a":1}'], /filters/],
    [['--limit', '0'], /--limit must be a whole number from 1 on, got "0"/],
  ])('%j is refused as a mistake', async (args, message) => {
    const { code, errors } = await millrace(['tail', 'orders', '--endpoint', 'http://127.0.0.1:9', ...args]);

    expect(code).toBe(2);
    expect(errors).toMatch(message);
  });

  test('of a table that is not there is a mistake', async () => {
    const { run } = await walkedOrders();

    expect(await run('tail', 'nothing')).toEqual({ code: 2, out: '', errors: 'error: there is no table nothing\n' });
  });
});

import { expect, onTestFinished, test, vi } from 'vitest';
import { dynamodbState } from '../../shared/aws/dynamodb-state.ts';
import type { LeaseKey } from '../../shared/core/ports.ts';
import type { Pointer } from '../../shared/core/subscription.ts';
import { awsEndpoint, forward } from '../support/aws-endpoint.ts';
import { sharedDynamoDbLocal } from '../support/dynamodb-local.ts';
import { createStateTable } from '../support/integration/walk-runner.ts';
import { aStreamRow, manyShards } from '../support/many-shards.ts';

const pointer: Pointer = {
  kind: 'pointer',
  revision: 0,
  generation: 1,
  start: { at: 'trim-horizon' },
  startedAtMs: 0,
  isPaused: true,
  isPreviousFree: true,
};

/** The function on a state table that holds one subscription, `orders`, of three partitions. */
async function setUp() {
  const engine = await sharedDynamoDbLocal();
  const tableName = await createStateTable(engine);
  const state = dynamodbState({ client: engine.dynamodb, tableName });
  const stream = aStreamRow();
  const key: LeaseKey = { subscription: 'orders', generation: 1, stream: stream.stream };
  await state.putControl('orders', pointer, null);
  await state.putControl('orders', stream, null);
  await state.createLeases(key, [...manyShards(3).rows.values()]);
  const aws = await awsEndpoint((request) => forward(request, engine.endpoint));
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', aws.endpoint);
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('MILLRACE_STATE_TABLE', tableName);
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'local');
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.resetModules();
  const { handler } = await import('../../functions/shard-map.ts');
  return { handler, aws };
}

test('a dashboard gets the map of a subscription, in its own theme and width', async () => {
  const { handler } = await setUp();

  const html = await handler({ subscription: 'orders', widgetContext: { theme: 'dark', width: 700 } });

  expect(html).toMatch(/^<svg xmlns="[^"]+" width="676" /);
  expect(html).toContain('#e9ebed');
  expect(html).toContain('>orders, paused<');
  expect(html.match(/<title>shardId-/g)?.length).toBeGreaterThan(5);
});

test('it is read by queries and nothing else', async () => {
  const { handler, aws } = await setUp();

  await handler({ subscription: 'orders' });

  expect(new Set(aws.requests.map((request) => request.operation))).toEqual(new Set(['Query']));
});

test('asked to describe itself, it answers with its parameters, and reads nothing', async () => {
  const { handler, aws } = await setUp();

  expect(await handler({ describe: true })).toMatch(/\*\*subscription\*\*/);
  expect(aws.requests).toEqual([]);
});

test('a subscription that no walk has begun says so, its name escaped', async () => {
  const { handler } = await setUp();

  expect(await handler({ subscription: '<b>other</b>' })).toBe(
    '<p>No walk of the subscription &#60;b&#62;other&#60;/b&#62; has found a stream yet.</p>',
  );
});

test.each([[undefined], [''], [7]])(
  'a widget without a subscription (%j) is told what is missing',
  async (subscription) => {
    const { handler } = await setUp();

    expect(await handler({ subscription })).toMatch(/^<p>The parameter subscription must be a subscription&#39;s name/);
  },
);

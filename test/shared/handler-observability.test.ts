import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { METRICS } from '../../shared/core/metrics.ts';
import { changeHandler, entity } from '../../shared/handler.ts';
import { eventOf, insertOf, modifyOf, removeOf, runHandler } from '../../shared/testing/index.ts';
import { capturedLog } from './handler/captured-log.ts';

interface Thing {
  readonly id: string;
}

const log = capturedLog();
const [a, b] = [{ id: 'a' }, { id: 'b' }];

beforeEach(() => {
  log.clear();
  vi.useFakeTimers({ now: new Date('2026-01-01T00:01:00Z'), toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe('the logger of a change', () => {
  test('carries the change’s identity in every line, also when items run in parallel', async () => {
    const handler = changeHandler<Thing>(
      {
        insert: async ({ newImage }, { logger }) => {
          await new Promise(setImmediate);
          logger.info(`${newImage.id} came`);
          logger.info(`${newImage.id} stays`);
        },
      },
      { logger: log.logger(), concurrency: 2 },
    );

    await runHandler(handler, eventOf([insertOf(a), insertOf(b)]));

    const lines = log.lines().map(({ message, change }) => [message, (change as { keys: Thing }).keys.id]);
    expect(lines).toHaveLength(4);
    for (const [message, id] of lines) expect(message).toMatch(new RegExp(`^${id} `));
  });

  test('of one’s own carries it, too, while the function runs', async () => {
    const own = log.logger();
    const handler = changeHandler<Thing>({ insert: () => own.info('deep in my own code') }, { logger: own });

    await runHandler(handler, eventOf([insertOf(a), insertOf(b)]));
    own.info('afterwards');

    expect(log.lines().map((line) => (line.change as { keys: Thing } | undefined)?.keys.id)).toEqual([
      'a',
      'b',
      undefined,
    ]);
  });

  test('of a batch carries its size and its first change', async () => {
    const handler = changeHandler<Thing>(
      { batch: (_changes, { logger }) => logger.info('all of them') },
      { logger: log.logger() },
    );

    await runHandler(handler, eventOf([insertOf(a), insertOf(b)]));

    expect(log.lines()).toMatchObject([{ changes: 2, first: { keys: { id: 'a' } } }]);
  });

  test('carries the invocation’s request id', async () => {
    const handler = changeHandler<Thing>(
      { insert: (_change, { logger }) => logger.info('here') },
      { logger: log.logger() },
    );

    await handler(eventOf([insertOf(a)]), { awsRequestId: 'request-1', functionName: 'orders' });

    expect(log.lines()).toMatchObject([{ function_request_id: 'request-1', function_name: 'orders' }]);
  });

  test.each([
    ['the first', ['b', 'b'], ['request-1', true]],
    ['a later one', ['a', 'b'], ['request-2', false]],
  ] as const)('that nobody gave is made by the invocation that logs first: %s', async (_title, ids, first) => {
    vi.stubEnv('POWERTOOLS_DEV', 'true');
    vi.stubEnv('AWS_LAMBDA_INITIALIZATION_TYPE', 'on-demand');
    const lines: { readonly function_request_id: string; readonly cold_start: boolean }[] = [];
    vi.spyOn(console, 'info').mockImplementation((line: string) => void lines.push(JSON.parse(line)));
    const handler = changeHandler<Thing>({
      insert: ({ newImage: { id } }, { logger }) => id === 'b' && logger.info(id),
    });

    for (const [index, id] of ids.entries()) {
      await handler(eventOf([insertOf({ id })]), { awsRequestId: `request-${index + 1}` });
    }

    expect([lines[0]?.function_request_id, lines[0]?.cold_start]).toEqual(first);
    expect(lines.slice(1).map(({ cold_start }) => cold_start)).not.toContain(true);
  });

  test('shows keys as text: numbers with every digit, binary as base64', async () => {
    const handler = changeHandler<object>(
      { insert: (_change, { logger }) => logger.info('x') },
      { logger: log.logger() },
    );
    const item = { id: new Uint8Array([1, 2, 3]), at: 123456789012345678901234567890n };

    await runHandler(handler, eventOf([insertOf(item)], { keys: ['id', 'at'] }));

    expect(log.lines()).toMatchObject([{ change: { keys: { id: 'AQID', at: '123456789012345678901234567890' } } }]);
  });
});

describe('the metrics of a handler', () => {
  /** What one invocation writes to standard output, in the embedded metric format. */
  async function metricsOf(handler: Parameters<typeof runHandler>[0], drafts: Parameters<typeof eventOf>[0]) {
    const written: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((line) => written.push(String(line)) > 0);
    await runHandler(handler, eventOf(drafts));
    vi.mocked(process.stdout.write).mockRestore();
    return written.map((line) => JSON.parse(line));
  }

  test('count the changes handled by kind and the failures, and tell the lag', async () => {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'orders-handler');
    vi.stubEnv('MILLRACE_PIPELINE', 'shop');
    vi.stubEnv('MILLRACE_SUBSCRIPTION', 'orders');
    const handler = changeHandler<Thing>({ remove: () => Promise.reject(new Error('no')) }, { logger: log.logger() });

    const lines = await metricsOf(handler, [insertOf(a), insertOf(b), modifyOf(a, a), removeOf(a)]);

    const dimensions = { pipeline: 'shop', subscription: 'orders' };
    expect(lines).toMatchObject([
      { ...dimensions, kind: 'insert', ChangesHandled: 2 },
      { ...dimensions, kind: 'modify', ChangesHandled: 1 },
      { ...dimensions, ChangesFailed: 1, HandlerLagMilliseconds: 60_000 },
    ]);
    expect(lines.map((line) => line._aws.CloudWatchMetrics)).toEqual([
      ...Array(2).fill([
        {
          Namespace: 'Millrace',
          Dimensions: [
            ['pipeline', 'subscription'],
            ['pipeline', 'subscription', 'kind'],
          ],
          Metrics: [{ Name: 'ChangesHandled', Unit: 'Count' }],
        },
      ]),
      [
        {
          Namespace: 'Millrace',
          Dimensions: [['pipeline', 'subscription']],
          Metrics: [
            { Name: 'ChangesFailed', Unit: 'Count' },
            { Name: 'HandlerLagMilliseconds', Unit: 'Milliseconds' },
          ],
        },
      ],
    ]);
  });

  test('count the changes of no entity', async () => {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'orders-handler');
    const handler = changeHandler({ thing: entity<Thing>({ id: 'a' }, {}) }, { logger: log.logger() });

    const lines = await metricsOf(handler, [insertOf(a), insertOf(b)]);

    expect(lines).toMatchObject([
      { pipeline: 'orders-handler', subscription: 'direct', kind: 'insert', ChangesHandled: 2 },
      { ChangesUnmatched: 1 },
    ]);
  });

  test('take their names from the options first', async () => {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'orders-handler');
    const handler = changeHandler<Thing>({}, { metrics: { pipeline: 'p', subscription: 's' } });

    expect(await metricsOf(handler, [insertOf(a)])).toMatchObject([{ pipeline: 'p', subscription: 's' }, {}]);
  });

  test('are written in Lambda only, and nowhere if they are not wanted', async () => {
    expect(await metricsOf(changeHandler<Thing>({}), [insertOf(a)])).toEqual([]);
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'orders-handler');
    expect(await metricsOf(changeHandler<Thing>({}, { metrics: false }), [insertOf(a)])).toEqual([]);
  });

  test('are known to the constructs by the same names', () => {
    expect(METRICS).toMatchObject({
      ChangesHandled: 'Count',
      ChangesFailed: 'Count',
      HandlerLagMilliseconds: 'Milliseconds',
    });
  });
});

import { CreateTableCommand, DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, onTestFinished, test, vi } from 'vitest';
import { handler as orders } from '../../functions/orders.ts';
import { stateTableDefinition } from '../../shared/core/state-row.ts';
import { awsEndpoint } from '../support/aws-endpoint.ts';
import { createStreamedTable, sharedDynamoDbLocal, uniqueName } from '../support/dynamodb-local.ts';
import { lambdaEndpoint } from '../support/integration/lambda-endpoint.ts';
import { createStateTable, requestInput } from '../support/integration/walk-runner.ts';
import type { Ticked } from '../support/integration/walker-child.ts';
import { startWalkerProcess, type WalkerEndpoints } from '../support/integration/walker-process.ts';

const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:orders';
/** A walk hands over when its time is up, less the handler's timeout and the margin: here after two seconds. */
const SHORT = { handler: { functionArn: FUNCTION_ARN, timeoutMs: 1_000 }, deliveryMarginMs: 1_000 };

test('the example handler is called for the changes of a table, and the next walk goes on behind them', async () => {
  const engine = await sharedDynamoDbLocal();
  const { tableName } = await createStreamedTable(engine.dynamodb);
  const input = requestInput(await createStateTable(engine), tableName, SHORT);
  const printed = printedLines();
  const lambda = await lambdaEndpoint({ [FUNCTION_ARN]: { handler: orders } });
  const walker = aWalker({ dynamodb: engine.endpoint, lambda: lambda.endpoint });
  const put = (item: Record<string, unknown>) =>
    engine.dynamodb.send(new PutItemCommand({ TableName: tableName, Item: marshall(item) }));

  /** As many ticks of the schedule as it takes: on a busy machine a short walk may end before it has begun to read. */
  const walked = async (lines: number) => {
    const ticks: (Ticked | null)[] = [];
    while (printed.length < lines && ticks.length < 5) ticks.push(await walker.tick({ input, remainingMs: 4_000 }));
    return ticks.map((ticked) => (ticked?.ok ? ticked.summary : ticked));
  };

  await put({ id: 'o-1', status: 'new' });
  await put({ id: 'o-1', status: 'paid' });
  const first = await walked(2);
  await engine.dynamodb.send(new DeleteItemCommand({ TableName: tableName, Key: marshall({ id: 'o-1' }) }));
  const second = await walked(3);

  expect(printed.map(inOrderOfNames)).toEqual([
    "insert  o-1  { id: 'o-1', status: 'new' }",
    "modify  o-1  status: 'new' -> 'paid'",
    'remove  o-1  deleted',
  ]);
  expect(first.at(-1)).toMatchObject({ reason: 'hand-over', records: 2, batches: 1, failures: 0, gaps: 0 });
  expect(second.at(-1)).toMatchObject({ reason: 'hand-over', records: 1, batches: 1, failures: 0, gaps: 0 });
  expect(warnings(walker.logged())).toEqual([]);
}, 120_000);

test('a malformed request is refused before any call, in one error that says what is wrong, what came and what is allowed', async () => {
  const aws = await awsEndpoint(() => 'hang-up');
  const walker = aWalker({ dynamodb: aws.endpoint, lambda: aws.endpoint });
  const good = requestInput('state', 'orders');
  const refusal = async (input: unknown) => {
    const ticked = await walker.tick({ input, remainingMs: 4_000 });
    return ticked?.ok === false ? `${ticked.name}: ${ticked.message}` : ticked;
  };

  const refusals = [
    await refusal({ ...good, batchSize: 0 }),
    await refusal({ ...good, source: { kind: 'table', tableName: 'orders' } }),
    await refusal({ ...good, start: { at: 'now' } }),
    await refusal({ ...good, batchsize: 10 }),
    await refusal('orders'),
    await refusal({ ...good, format: 2 }),
  ];

  expect(refusals).toEqual([
    'MillraceError: batchSize must be a whole number from 1 to 10000, got 0',
    'MillraceError: source.region must be an AWS region, got nothing',
    'MillraceError: start.at must be one of "trim-horizon", "latest", "time", got "now"',
    'MillraceError: batchsize must be left out: there is no such field, got 10',
    'MillraceError: the walk request must be an object, got "orders"',
    'MillraceError: the walk request has format 2, and this release of Millrace reads formats up to 1: deploy the newer release',
  ]);
  expect(aws.requests).toEqual([]);
}, 120_000);

test('a table that does not exist is one clear event of a walk that ends as it should', async () => {
  const engine = await sharedDynamoDbLocal();
  const tableName = uniqueName('missing');
  const input = requestInput(await createStateTable(engine), tableName, SHORT);
  const walker = aWalker({ dynamodb: engine.endpoint, lambda: engine.endpoint });

  const ticked = await walker.tick({ input, remainingMs: 4_000 });

  expect(ticked).toMatchObject({ ok: true, summary: { reason: 'no-source', records: 0 } });
  expect(warnings(walker.logged())).toEqual([
    { message: 'source-missing', reason: 'no-table', detail: `there is no table ${tableName}` },
  ]);
}, 120_000);

test('a table without a stream is one clear event of a walk that ends as it should', async () => {
  const engine = await sharedDynamoDbLocal();
  const tableName = uniqueName('streamless');
  await engine.dynamodb.send(new CreateTableCommand(stateTableDefinition(tableName)));
  const input = requestInput(await createStateTable(engine), tableName, SHORT);
  const walker = aWalker({ dynamodb: engine.endpoint, lambda: engine.endpoint });

  const ticked = await walker.tick({ input, remainingMs: 4_000 });

  expect(ticked).toMatchObject({ ok: true, summary: { reason: 'no-source', records: 0 } });
  expect(warnings(walker.logged())).toEqual([
    { message: 'source-missing', reason: 'no-stream', detail: `the table ${tableName} has no stream` },
  ]);
}, 120_000);

/** A walker's process that ends with the test. */
function aWalker(endpoints: WalkerEndpoints) {
  const walker = startWalkerProcess(endpoints);
  onTestFinished(() => walker.kill());
  return walker;
}

/** What the example handler prints from now on, line by line. */
function printedLines(): readonly string[] {
  const lines: string[] = [];
  const spy = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  onTestFinished(() => spy.mockRestore());
  return lines;
}

/** The engine gives an item's attributes in any order. */
const inOrderOfNames = (line: string): string =>
  line.replace(/\{ (.*) \}/, (_, attributes: string) => `{ ${attributes.split(', ').sort().join(', ')} }`);

/** What a log says that somebody should look at. */
const warnings = (logged: readonly Readonly<Record<string, unknown>>[]) =>
  logged
    .filter(({ level }) => level === 'WARN' || level === 'ERROR')
    .map(({ message, reason, detail }) => ({ message, reason, detail }));

import { CreateTableCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Stack } from 'aws-cdk-lib';
import { expect, test, vi } from 'vitest';
import { ChangePipeline, ChangeSource } from '../../infra/index.ts';
import { stateTableDefinition } from '../../shared/core/state-row.ts';
import { createStreamedTable, sharedDynamoDbLocal, uniqueName } from '../support/dynamodb-local.ts';
import { lambdaEndpoint } from '../support/integration/lambda-endpoint.ts';
import { createStateTable, requestInput } from '../support/integration/walk-runner.ts';
import { aHandler, aStack } from './an-app.ts';
import { callsOf } from './aws-calls.ts';
import { allowedBy, distinct, recorded, walkerOf } from './granted-calls.ts';

// The logger reads its level when the function is loaded.
vi.hoisted(() => {
  process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';
});

const HANDLER = 'arn:aws:lambda:eu-west-1:111111111111:function:orders';

/** A pipeline that walks all tables of a pattern, and turns their streams on. */
function aPipelineOfTables(): Stack {
  const stack = aStack();
  new ChangePipeline(stack, 'Changes').subscribe('walked', {
    source: ChangeSource.tables({ include: ['prod-*'], regions: ['us-east-1'], startStreams: true }),
    handler: aHandler(stack),
  });
  return stack;
}

test('the walker of a pattern of tables may find them and turn their streams on, and touch no other table', async () => {
  const engine = await sharedDynamoDbLocal();
  const prefix = uniqueName('prod');
  const { tableName } = await createStreamedTable(engine.dynamodb, `${prefix}-on`);
  await engine.dynamodb.send(new CreateTableCommand(stateTableDefinition(`${prefix}-off`)));
  const other = await createStreamedTable(engine.dynamodb);
  const state = await createStateTable(engine);
  const dynamoDb = await recorded(engine.endpoint);
  const lambda = await lambdaEndpoint({ [HANDLER]: { handler: () => ({ batchItemFailures: [] }) } });
  const walk = await walkerOf({ dynamodb: dynamoDb.endpoint, lambda: lambda.endpoint }, 20_000);
  await engine.dynamodb.send(new PutItemCommand({ TableName: tableName, Item: { id: { S: 'first' } } }));

  const summary = await walk(
    requestInput(state, 'unused', {
      pipeline: 'Stack/Changes',
      subscription: 'walked',
      source: { kind: 'tables', include: [`${prefix}-*`], regions: ['us-east-1'], streams: 'enable' },
      handler: { functionArn: HANDLER, timeoutMs: 1_000 },
      deliveryMarginMs: 0,
    }),
  );

  expect(summary).toMatchObject({ records: 1 });
  const named = [...dynamoDb.calls(), ...lambda.requests.flatMap(callsOf)].map((call) =>
    call
      .replace(`table/${state}`, 'state')
      .replace(new RegExp(`table/${prefix}-(on|off)`), 'table/prod-*')
      .replace(HANDLER, 'handler'),
  );
  const granted = allowedBy(aPipelineOfTables(), 'ChangesWalkerRole');
  const ofTables = (calls: readonly string[]) => calls.filter((call) => /table\/|ListTables/.test(call));
  expect(named.join()).not.toContain(other.tableName);
  expect(ofTables(distinct(named))).toEqual(ofTables(granted));
  expect(distinct(named).filter((call) => !granted.includes(call))).toEqual([]);
}, 60_000);

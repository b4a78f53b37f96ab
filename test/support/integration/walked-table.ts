import { dynamodbState } from '../../../shared/aws/dynamodb-state.ts';
import type { Random } from '../../../shared/testing/simulated-random.ts';
import { createStreamedTable } from '../dynamodb-local.ts';
import type { RollingDynamoDbLocal } from '../dynamodb-local-rollover.ts';
import { lambdaEndpoint } from './lambda-endpoint.ts';
import { watchPositions } from './position-watch.ts';
import { rollingDatabase } from './rolling-database.ts';
import { UNSTEADY_TIMEOUT_MS, unsteadyFunction } from './unsteady-function.ts';
import { createStateTable, firstGeneration, requestInput } from './walk-runner.ts';
import { scheduleWorker, type WorkerSchedule } from './worker-schedule.ts';

const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:orders';
/** The shortest that a request allows, for quick takeovers. */
const LEASE_MS = 1_000;
/** Enough for a machine that has more to do than it can. */
const MARGIN_MS = 1_000;

/** A table in a database of its own, and workers in processes of their own that deliver its changes over HTTP. */
export async function walkedTable(engine: RollingDynamoDbLocal, random: Random) {
  const database = rollingDatabase(engine);
  const { dynamodb, accessKeyId } = database;
  const stateTable = await createStateTable(database);
  const table = await createStreamedTable(dynamodb);
  const state = dynamodbState({ client: dynamodb, tableName: stateTable });
  const called = unsteadyFunction(random);
  const lambda = await lambdaEndpoint({ [FUNCTION_ARN]: called });
  const key = firstGeneration(table);
  const worker = (number: number, workers: number): WorkerSchedule =>
    scheduleWorker({
      endpoints: { dynamodb: engine.endpoint, lambda: lambda.endpoint, accessKeyId },
      nextRemainingMs: () => random.whole(8_000, 14_000),
      input: requestInput(stateTable, table.tableName, {
        handler: { functionArn: FUNCTION_ARN, timeoutMs: UNSTEADY_TIMEOUT_MS },
        ...{ worker: number, workers, batchSize: 40, leaseDurationMs: LEASE_MS, deliveryMarginMs: MARGIN_MS },
      }),
    });
  return {
    dynamodb,
    tableName: table.tableName,
    ledger: called.ledger,
    longDelivery: called.longDelivery,
    startWorkers: (workers: number) => Array.from({ length: workers }, (_, number) => worker(number, workers)),
    watch: () => watchPositions(state, key, 50),
    leases: () => state.leases(key),
  };
}

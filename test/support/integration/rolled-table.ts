import { dynamodbStreamsSource } from '../../../shared/aws/dynamodb-streams-source.ts';
import type { WalkRequestInput } from '../../../shared/request.ts';
import { createStreamedTable } from '../dynamodb-local.ts';
import type { RollingDynamoDbLocal } from '../dynamodb-local-rollover.ts';
import { arrivals } from './arrivals.ts';
import { writeItems } from './item-writes.ts';
import { quickClock } from './quick-clock.ts';
import { rollingDatabase } from './rolling-database.ts';
import { createStateTable, firstGeneration, requestInput, startWalk } from './walk-runner.ts';
import { PATIENT, type WalkedSource, type WalkedSourceOptions } from './walked-source.ts';

/** A table whose stream's shards roll over, age and expire on demand, and a subscription to it. */
export async function rolledTable(
  rolling: RollingDynamoDbLocal,
  changes: Partial<WalkRequestInput> = {},
  { speed = 10 }: WalkedSourceOptions = {},
): Promise<WalkedSource> {
  const database = rollingDatabase(rolling);
  const engine = rollingDatabase(rolling);
  const table = await createStreamedTable(database.dynamodb);
  const { tableName } = table;
  const stateTable = await createStateTable(engine);
  const clock = quickClock(speed);
  const { all: arrived, handler } = arrivals();
  const request = requestInput(stateTable, tableName, { ...PATIENT, ...changes });
  return {
    arrived,
    clock,
    source: dynamodbStreamsSource({ ...database, tableName }),
    key: async () => firstGeneration(table),
    write: (round) => writeItems(database.dynamodb, tableName, { items: 2, fromRound: round, rounds: 1 }),
    writeAll: (writes) => writeItems(database.dynamodb, tableName, writes),
    reshard: rolling.rollOver,
    passes: async (ms) => {
      await rolling.dilate(ms);
      clock.putForward(ms);
    },
    ages: rolling.dilate,
    start: (ports = {}, handle = handler, asked = {}) =>
      startWalk({ engine, source: database, request: { ...request, ...asked }, handler: handle, clock, ports }),
  };
}

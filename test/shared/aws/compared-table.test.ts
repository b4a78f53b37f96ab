import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { comparedTable } from '../../../shared/aws/compared-table.ts';
import type { Clock } from '../../../shared/core/ports.ts';
import { createStreamedTable, sharedDynamoDbLocal } from '../../support/dynamodb-local.ts';

/** A clock that only sleeping moves. */
function sleepingClock(): Clock {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
    },
  };
}

test('what is read of a table is paid for before more is read', async () => {
  const { dynamodb: client } = await sharedDynamoDbLocal();
  const { tableName } = await createStreamedTable(client);
  const keys = Array.from({ length: 150 }, (_, index) => ({ id: { S: `o-${index}` } }));
  for (const key of keys) {
    await client.send(new PutItemCommand({ TableName: tableName, Item: { ...key, filler: { S: 'x'.repeat(3_000) } } }));
  }
  const clock = sleepingClock();
  const table = comparedTable({ client, tableName, clock, readUnitsPerSecond: 10 });
  await table.facts();

  const found = await table.items(keys, false);
  const paidAtMs = clock.nowMs();
  await table.page({ segment: 0, segments: 1, after: null });

  expect(found.size).toBe(150);
  // Half a unit each: the first hundred are paid for before the others are asked for.
  expect(paidAtMs).toBe(5_000);
  expect(clock.nowMs()).toBe(7_500);
});

test('a table that is not there has no facts', async () => {
  const { dynamodb: client } = await sharedDynamoDbLocal();

  expect(await comparedTable({ client, tableName: 'nowhere', clock: sleepingClock() }).facts()).toBeNull();
});

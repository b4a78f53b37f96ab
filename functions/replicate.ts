import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type ReplicaTable, replicaTable } from '../shared/aws/replica-table.ts';
import { attributeValues, changeHandler, type ItemRecord } from '../shared/handler.ts';

const client = new DynamoDBClient({ region: process.env.TARGET_REGION });
const target = (): ReplicaTable => replicaTable({ client, tableName: process.env.TARGET_TABLE ?? '' });

/**
 * Copies a table to another one, in any region. The last write wins by its version, so late and repeated changes do no
 * harm. With `bootstrap`, what the table has already comes first; after a gap, `millrace repair` brings every item again,
 * and at its end what the table has not any more is removed. A deleted item stays behind as its key, marked
 * `millraceDeleted`, so that nothing brings it back; let time to live remove it by `millraceExpiresAt`. For one table only:
 * the sweep would remove what another one put.
 */
export const handler = changeHandler<object>(
  {
    insert: put,
    modify: put,
    snapshot: put,
    remove: ({ raw, version, approximateTime }) =>
      target().remove(attributeValues(raw.dynamodb.Keys ?? {}), version, approximateTime),
    // Only a run can tell what was lost, and its end tells what to remove.
    gap: ({ gap }) => console.warn(`changes may have been lost (${gap.id}): millrace repair brings every item again`),
    snapshotStarted: () => undefined,
    snapshotComplete: async ({ version, approximateTime, run }) => {
      console.log(`run ${run} is complete: ${await target().sweep(version, approximateTime)} items removed`);
    },
  },
  { concurrency: 10 },
);

function put({ raw, version }: ItemRecord<object>): Promise<void> {
  return target().put(attributeValues(raw.dynamodb.NewImage ?? {}), version);
}

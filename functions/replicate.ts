import { ConditionalCheckFailedException, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { attributeValues, changeHandler, type ItemRecord, type RawItem } from '../shared/handler.ts';

const DAY_SECONDS = 24 * 60 * 60;

const target = new DynamoDBClient({ region: process.env.TARGET_REGION });

/**
 * Copies a table to another one, in any region. The last write wins by its version, so late and repeated changes do no
 * harm. A deleted item stays behind as its key, marked `millraceDeleted`, so that nothing brings it back; let time to
 * live remove it by `millraceExpiresAt`.
 */
export const handler = changeHandler<object>(
  {
    insert: (change) => write(change, change.raw.dynamodb.NewImage),
    modify: (change) => write(change, change.raw.dynamodb.NewImage),
    snapshot: (change) => write(change, change.raw.dynamodb.NewImage),
    remove: (change) => write(change, change.raw.dynamodb.Keys, tombstone(change.approximateTime)),
  },
  { concurrency: 10 },
);

async function write(change: ItemRecord<object>, item: RawItem = {}, more: RawItem = {}): Promise<void> {
  const put = new PutItemCommand({
    TableName: process.env.TARGET_TABLE,
    Item: attributeValues({ ...item, ...more, millraceVersion: { S: change.version } }),
    ConditionExpression: 'attribute_not_exists(millraceVersion) OR millraceVersion < :version',
    ExpressionAttributeValues: { ':version': { S: change.version } },
  });
  await target.send(put).catch((error: unknown) => {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  });
}

/** Kept for 35 days: longer than any stream, backup or repair run can bring an older change. */
const tombstone = (deletedAt: Date): RawItem => ({
  millraceDeleted: { BOOL: true },
  millraceExpiresAt: { N: String(Math.ceil(deletedAt.getTime() / 1000) + 35 * DAY_SECONDS) },
});

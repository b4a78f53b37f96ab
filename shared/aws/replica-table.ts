import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DescribeTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';

export interface ReplicaTableOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

type Item = Readonly<Record<string, AttributeValue>>;

/**
 * A table that another is copied to: of each item the greatest version stays, whatever the order in which changes come.
 * Its key is that of the table that is copied. Each of these may be repeated.
 */
export interface ReplicaTable {
  /**
   * Puts an item, unless it is there with a greater version. One of a run that is put after the sweep, because it was
   * parked until then, comes back: the sweep's version is that of the run's items.
   */
  readonly put: (item: Item, version: string) => Promise<void>;
  /**
   * Leaves of an item its key, marked `millraceDeleted`, so that nothing older brings it back. Time to live may take it
   * away by `millraceExpiresAt`, 35 days later.
   */
  readonly remove: (keys: Item, version: string, deletedAt: Date) => Promise<void>;
  /**
   * Removes every item that has no version, or a lower one, and gives their number: what a complete run with this version
   * has not touched is not in the table that is copied. Reads the whole table.
   */
  readonly sweep: (version: string, completedAt: Date) => Promise<number>;
}

/** 35 days: longer than a stream, or a backup, can bring an older change. */
const KEPT_SECONDS = 35 * 24 * 60 * 60;

/** So many parts of the table are read side by side, and as many items written. */
const LANES = 8;

const IS_OLDER = '(attribute_not_exists(millraceVersion) OR millraceVersion < :version)';
const IS_NOT_NEWER = '(attribute_not_exists(millraceVersion) OR millraceVersion <= :version)';

export function replicaTable({ client, tableName }: ReplicaTableOptions): ReplicaTable {
  /** False where the condition does not hold. */
  const write = async (item: Item, version: string, condition: string): Promise<boolean> => {
    const put = new PutItemCommand({
      TableName: tableName,
      Item: { ...item, millraceVersion: { S: version } },
      ConditionExpression: condition,
      ExpressionAttributeValues: { ':version': { S: version } },
    });
    try {
      await client.send(put);
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  };

  const bury = (keys: Item, version: string, deletedAt: Date): Promise<boolean> => {
    const expiresAt = Math.ceil(deletedAt.getTime() / 1000) + KEPT_SECONDS;
    return write(
      { ...keys, millraceDeleted: { BOOL: true }, millraceExpiresAt: { N: String(expiresAt) } },
      version,
      IS_OLDER,
    );
  };

  const keyNames = async (): Promise<readonly string[]> => {
    const { Table: table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
    return (table?.KeySchema ?? []).map(({ AttributeName }) => AttributeName ?? '');
  };

  const sweepSegment = async (
    names: readonly string[],
    segment: number,
    version: string,
    completedAt: Date,
  ): Promise<number> => {
    const scan = {
      TableName: tableName,
      Segment: segment,
      TotalSegments: LANES,
      ConsistentRead: true,
      ProjectionExpression: names.map((_, index) => `#${index}`).join(),
      FilterExpression: `attribute_not_exists(millraceDeleted) AND ${IS_OLDER}`,
      ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#${index}`, name])),
      ExpressionAttributeValues: { ':version': { S: version } },
    };
    let swept = 0;
    for await (const { Items: items = [] } of paginateScan({ client }, scan)) {
      for (const keys of items) if (await bury(keys, version, completedAt)) swept++;
    }
    return swept;
  };

  return {
    put: async (item, version) => {
      await write(item, version, IS_NOT_NEWER);
    },
    remove: async (keys, version, deletedAt) => {
      await bury(keys, version, deletedAt);
    },
    sweep: async (version, completedAt) => {
      const names = await keyNames();
      const segments = Array.from({ length: LANES }, (_, segment) =>
        sweepSegment(names, segment, version, completedAt),
      );
      return (await Promise.all(segments)).reduce((sum, swept) => sum + swept, 0);
    },
  };
}

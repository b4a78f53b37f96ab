import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** What an export is compared with: the table as it is now. */
export interface ExportedTable {
  readonly arn: string;
  readonly id: string;
  readonly keyNames: readonly string[];
}

/** Describes a table. */
export const exportedTable =
  ({ client, tableName }: { readonly client: DynamoDBClient; readonly tableName: string }) =>
  async (): Promise<ExportedTable> => {
    const { Table: table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
    return {
      arn: table?.TableArn ?? '',
      id: table?.TableId ?? '',
      keyNames: (table?.KeySchema ?? []).map(({ AttributeName }) => AttributeName ?? ''),
    };
  };

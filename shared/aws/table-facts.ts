import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { errorName } from './errors.ts';

/** What an operator wants to know of a table. */
export interface TableFacts {
  readonly status: string;
  readonly keys: readonly string[];
  readonly isOnDemand: boolean;
  /** The most units a second that an on-demand table may be given; `null`: nobody has set any. */
  readonly limits: { readonly reads: number | null; readonly writes: number | null };
  /** The other regions of a global table. */
  readonly replicas: readonly string[];
  /** `null`: the table never had a stream. */
  readonly streamArn: string | null;
  readonly isStreamOn: boolean;
  readonly viewType: string | null;
  /** How many milliseconds the clock of the service is ahead of ours; `null` where it does not tell. */
  readonly clockAheadMs: number | null;
}

/** Describes a table; `null`: there is none. */
export async function tableFacts(
  client: DynamoDBClient,
  TableName: string,
  nowMs: () => number,
): Promise<TableFacts | null> {
  let clockAheadMs: number | null = null;
  const command = new DescribeTableCommand({ TableName });
  command.middlewareStack.add(
    (next) => async (args) => {
      const sentAtMs = nowMs();
      const result = await next(args);
      const { headers = {} } = result.response as { readonly headers?: Readonly<Record<string, string>> };
      const serviceMs = Date.parse(headers.date ?? '');
      // The header has whole seconds, and was written between sending and receiving.
      if (!Number.isNaN(serviceMs)) clockAheadMs = serviceMs + 500 - (sentAtMs + nowMs()) / 2;
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'readServiceClock' },
  );
  try {
    const { Table: table } = await client.send(command);
    return { ...factsOf(table), clockAheadMs };
  } catch (error) {
    if (errorName(error) === 'ResourceNotFoundException') return null;
    throw error;
  }
}

function factsOf(table: TableDescription | undefined): Omit<TableFacts, 'clockAheadMs'> {
  return {
    status: table?.TableStatus ?? 'UNKNOWN',
    keys: (table?.KeySchema ?? []).map((key) => key.AttributeName ?? ''),
    isOnDemand: table?.BillingModeSummary?.BillingMode === 'PAY_PER_REQUEST',
    limits: {
      reads: limitOf(table?.OnDemandThroughput?.MaxReadRequestUnits),
      writes: limitOf(table?.OnDemandThroughput?.MaxWriteRequestUnits),
    },
    replicas: (table?.Replicas ?? []).map((replica) => replica.RegionName ?? ''),
    streamArn: table?.LatestStreamArn ?? null,
    isStreamOn: table?.StreamSpecification?.StreamEnabled === true,
    viewType: table?.StreamSpecification?.StreamViewType ?? null,
  };
}

/** DynamoDB says -1 where there is none. */
const limitOf = (units: number | undefined): number | null => (units === undefined || units < 0 ? null : units);

/** The attribute by which a table removes items in time; `null`: none. */
export async function timeToLive(client: DynamoDBClient, TableName: string): Promise<string | null> {
  const { TimeToLiveDescription: ttl } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  return ttl?.TimeToLiveStatus === 'ENABLED' || ttl?.TimeToLiveStatus === 'ENABLING'
    ? (ttl.AttributeName ?? null)
    : null;
}

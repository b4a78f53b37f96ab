import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { assumedRole } from './aws/assumed-role.ts';
import { dynamodbStreamsSource } from './aws/dynamodb-streams-source.ts';
import { exportBucket } from './aws/export-bucket.ts';
import { exportedTable } from './aws/exported-table.ts';
import { kinesisSource } from './aws/kinesis-source.ts';
import { tableScan } from './aws/table-scan-source.ts';
import { systemClock } from './clock.ts';
import { MillraceError } from './core/errors.ts';
import { tableExports } from './export-scan.ts';
import type { WalkRequest } from './request.ts';
import type { ScanPorts } from './walker/context.ts';
import type { WalkPorts } from './walker.ts';

/** Clients of DynamoDB in one region, with their credentials. */
interface TableClients {
  readonly dynamodb: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
}

/** A walk of many tables reads them through one client, each shard with a call of its own under way. */
const MOST_CONNECTIONS = 256;

const known = new Map<string, TableClients>();

/** The clients of a region, and account: made once, because the walks of many tables share them. */
export function tableClients(region: string, roleArn: string | undefined, subscription: string): TableClients {
  const key = JSON.stringify([region, roleArn]);
  const options = { region, ...credentialsOf(roleArn, subscription) };
  const made = known.get(key) ?? {
    dynamodb: new DynamoDBClient(options),
    streams: new DynamoDBStreamsClient({
      ...options,
      maxAttempts: 2,
      requestHandler: { httpAgent: { maxSockets: MOST_CONNECTIONS }, httpsAgent: { maxSockets: MOST_CONNECTIONS } },
    }),
  };
  known.set(key, made);
  return made;
}

const credentialsOf = (roleArn: string | undefined, subscription: string) =>
  roleArn ? { credentials: assumedRole(new STSClient({}), roleArn, subscription) } : {};

/** What a walk in Lambda reads: in the source's own region, and account. */
export function walkSource(request: WalkRequest): Pick<WalkPorts, 'source' | 'scan'> {
  const { source, subscription } = request;
  switch (source.kind) {
    case 'kinesis': {
      const { streamName, readers, region, roleArn } = source;
      const options = { region, ...credentialsOf(roleArn, subscription), maxAttempts: 2 };
      const client = new KinesisClient({ ...options, requestHandler: new NodeHttpHandler() });
      return { source: kinesisSource({ client, streamName, readers, nowMs: systemClock.nowMs }) };
    }
    case 'table': {
      const { tableName, region, roleArn } = source;
      const { dynamodb, streams } = tableClients(region, roleArn, subscription);
      const scan = () => tableScan({ client: dynamodb, tableName, clock: systemClock, request });
      return {
        source: dynamodbStreamsSource({ dynamodb, streams, tableName }),
        ...(request.bootstrap ? { scan: { ...scan(), ...exported(request, dynamodb, tableName) } } : {}),
      };
    }
    case 'tables':
      throw new MillraceError('invalid-request', 'source.kind must be "table" or "kinesis" for one walk, got "tables"');
  }
}

/** The export that the request names. Its bucket is read with the walker's own role. */
function exported({ bootstrap }: WalkRequest, client: DynamoDBClient, tableName: string): Pick<ScanPorts, 'export'> {
  const place = bootstrap?.export;
  if (place === undefined) return {};
  const ports = { objects: exportBucket({ place }), table: exportedTable({ client, tableName }), clock: systemClock };
  return { export: tableExports({ place, ...ports }) };
}

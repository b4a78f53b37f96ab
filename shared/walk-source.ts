import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { assumedRole } from './aws/assumed-role.ts';
import { dynamodbStreamsSource } from './aws/dynamodb-streams-source.ts';
import { kinesisSource } from './aws/kinesis-source.ts';
import { tableScan } from './aws/table-scan-source.ts';
import { systemClock } from './clock.ts';
import type { WalkRequest } from './request.ts';
import type { WalkPorts } from './walker.ts';

/** What a walk in Lambda reads: in the source's own region, and account. */
export function walkSource(request: WalkRequest): Pick<WalkPorts, 'source' | 'scan'> {
  const { source, subscription } = request;
  const { region, roleArn } = source;
  const credentials = roleArn ? { credentials: assumedRole(new STSClient({}), roleArn, subscription) } : {};
  const options = { region, ...credentials };
  if (source.kind === 'kinesis') {
    const { streamName, readers } = source;
    const client = new KinesisClient({ ...options, maxAttempts: 2, requestHandler: new NodeHttpHandler() });
    return { source: kinesisSource({ client, streamName, readers, nowMs: systemClock.nowMs }) };
  }
  const { tableName } = source;
  const dynamodb = new DynamoDBClient(options);
  const streams = new DynamoDBStreamsClient({ ...options, maxAttempts: 2 });
  return {
    source: dynamodbStreamsSource({ dynamodb, streams, tableName }),
    ...(request.bootstrap ? { scan: tableScan({ client: dynamodb, tableName, clock: systemClock, request }) } : {}),
  };
}

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient, GetRecordsCommand, type GetRecordsOutput } from '@aws-sdk/client-dynamodb-streams';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { dynamodbStreamsSource } from '../shared/aws/dynamodb-streams-source.ts';
import { lambdaClientFor, lambdaSink } from '../shared/aws/lambda-sink.ts';
import { startAws } from './support/aws-process.ts';
import { figureOf } from './support/figure.ts';
import { alternate, cpuMs, ratioOf } from './support/rounds.ts';
import type { Row } from './support/row.ts';
import { PAGE_RECORDS, PAGES, pageText } from './support/stream-pages.ts';
import { drain, FUNCTION_ARN } from './support/walking.ts';

const RECORDS = PAGES * PAGE_RECORDS;
const TIMEOUTS = { timeoutMs: 60_000, deliveryMarginMs: 20_000 };

/** What the walker's processor time for a shard of 9,000 records is, from GetRecords' bytes to Invoke's. */
export async function walkerCpu(): Promise<readonly Row[]> {
  const aws = await startAws();
  process.env.AWS_ENDPOINT_URL = aws.options.endpoint;
  process.env.AWS_ACCESS_KEY_ID = aws.options.credentials.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = aws.options.credentials.secretAccessKey;
  const dynamodb = new DynamoDBClient(aws.options);
  const streams = new DynamoDBStreamsClient({ ...aws.options, maxAttempts: 2 });
  const lambda = new LambdaClient(aws.options);
  const client = lambdaClientFor({ ...TIMEOUTS, functionArn: FUNCTION_ARN });
  const source = dynamodbStreamsSource({ dynamodb, streams, tableName: 'orders' });
  const sink = lambdaSink({ ...TIMEOUTS, client, functionArn: FUNCTION_ARN });
  const walked = (batchSize: number) => () =>
    per1000(() => drain({ request: { batchSize }, ports: { source, sink }, records: RECORDS }));
  const bytes = Array.from({ length: PAGES }, (_, page) => Buffer.from(pageText(page)));
  try {
    const cpu = await alternate(
      {
        walker: walked(PAGE_RECORDS),
        small: walked(100),
        floor: () => per1000(() => floor(bytes)),
        plain: () => per1000(() => plain(streams, lambda, PAGE_RECORDS)),
        plainSmall: () => per1000(() => plain(streams, lambda, 100)),
      },
      { rounds: 7, warmUp: 2 },
    );
    const row = (what: string, ours: readonly number[]) => ({ what, unit: 'ms', ours: figureOf(ours) });
    const page = row(`walker CPU per 1,000 records, batches of ${PAGE_RECORDS} (a page)`, cpu.walker);
    const small = row('walker CPU per 1,000 records, batches of 100 (the default)', cpu.small);
    return [
      {
        ...page,
        comparison: { name: 'the floor: JSON.parse + JSON.stringify of the same bytes', theirs: figureOf(cpu.floor) },
        ratio: { figure: ratioOf(cpu.walker, cpu.floor), meaning: 'x the floor' },
        target: { of: 'ratio', bound: 'at-most', value: 1.5 },
      },
      {
        ...page,
        comparison: { name: 'SDK GetRecords, unmarshall, marshall, SDK Invoke', theirs: figureOf(cpu.plain) },
        ratio: { figure: ratioOf(cpu.plain, cpu.walker), meaning: 'x less' },
        target: { of: 'ratio', bound: 'at-least', value: 3.5 },
      },
      {
        ...small,
        comparison: { name: 'the floor', theirs: figureOf(cpu.floor) },
        ratio: { figure: ratioOf(cpu.small, cpu.floor), meaning: 'x the floor' },
        target: { of: 'ratio', bound: 'at-most', value: 1.5 },
      },
      {
        ...small,
        comparison: { name: 'the plain way, in batches of 100', theirs: figureOf(cpu.plainSmall) },
        ratio: { figure: ratioOf(cpu.plainSmall, cpu.small), meaning: 'x less' },
        target: { of: 'ratio', bound: 'at-least', value: 3.5 },
      },
    ];
  } finally {
    aws.stop();
    delete process.env.AWS_ENDPOINT_URL;
  }
}

const per1000 = async (work: () => unknown): Promise<number> => ((await cpuMs(work)) * 1000) / RECORDS;

function floor(pages: readonly Buffer[]): number {
  let length = 0;
  for (const page of pages) length += JSON.stringify(JSON.parse(page.toString())).length;
  return length;
}

/** What one writes who follows the SDK's documentation: no leases, no checkpoints, one batch after the other. */
async function plain(streams: DynamoDBStreamsClient, lambda: LambdaClient, batchSize: number): Promise<void> {
  let iterator: string | undefined = '0';
  for (let read = 0; read < RECORDS; ) {
    const page: GetRecordsOutput = await streams.send(new GetRecordsCommand({ ShardIterator: iterator }));
    const records = page.Records ?? [];
    for (let from = 0; from < records.length; from += batchSize) {
      const batch = records.slice(from, from + batchSize).map(({ dynamodb = {}, ...record }) => ({
        ...record,
        dynamodb: {
          ...dynamodb,
          ApproximateCreationDateTime: (dynamodb.ApproximateCreationDateTime?.getTime() ?? 0) / 1000,
          Keys: marshall(unmarshall(dynamodb.Keys ?? {})),
          NewImage: marshall(unmarshall(dynamodb.NewImage ?? {})),
          OldImage: marshall(unmarshall(dynamodb.OldImage ?? {})),
        },
      }));
      await lambda.send(new InvokeCommand({ FunctionName: FUNCTION_ARN, Payload: JSON.stringify({ Records: batch }) }));
    }
    read += records.length;
    iterator = page.NextShardIterator;
  }
}

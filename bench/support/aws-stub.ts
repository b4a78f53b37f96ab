import { createServer, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { PAGES, pageText, STUB_STREAM_ARN } from './stream-pages.ts';

/**
 * DynamoDB, its streams and Lambda as far as one shard's records need them, in a process of its own: so what it costs
 * to play them is nobody's processor time. Sends its port to its parent, and ends with it.
 */
const pages = Array.from({ length: PAGES }, (_, page) => Buffer.from(pageText(page)));
const noRecords = Buffer.from(JSON.stringify({ Records: [], NextShardIterator: String(PAGES) }));
const shard = {
  ShardId: 'shardId-00000001700000000000-00000000',
  SequenceNumberRange: { StartingSequenceNumber: '1' },
};

const answers: Readonly<Record<string, (body: string) => Buffer>> = {
  DescribeTable: () =>
    json({ Table: { LatestStreamArn: STUB_STREAM_ARN, StreamSpecification: { StreamEnabled: true } } }),
  DescribeStream: () => json({ StreamDescription: { StreamStatus: 'ENABLED', Shards: [shard] } }),
  GetShardIterator: () => json({ ShardIterator: '0' }),
  GetRecords: (body) => pages[Number((JSON.parse(body) as { ShardIterator: string }).ShardIterator)] ?? noRecords,
};

const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

const server = createServer(async (request, response) => {
  const body = await bodyOf(request);
  const [, operation = 'Invoke'] = String(request.headers['x-amz-target'] ?? '').split('.');
  const answer = answers[operation]?.(body.toString()) ?? json({ batchItemFailures: [] });
  const type = operation === 'Invoke' ? 'application/json' : 'application/x-amz-json-1.0';
  response.writeHead(200, { 'content-type': type, 'content-length': answer.length });
  response.end(answer);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' && address !== null ? address.port : 0);
});
process.once('disconnect', () => process.exit(0));

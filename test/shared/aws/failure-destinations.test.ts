import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { s3Destination } from '../../../shared/aws/s3-destination.ts';
import { snsDestination } from '../../../shared/aws/sns-destination.ts';
import { sqsDestination } from '../../../shared/aws/sqs-destination.ts';
import { type FailedBatch, failureMessage } from '../../../shared/core/failed-batch.ts';
import { awsEndpoint } from '../../support/aws-endpoint.ts';

const AT_MS = Date.UTC(2026, 0, 31, 12, 0, 19, 250);
const SHARD = 'shardId-00000001769860819000-0a1b2c3d';
const record = {
  sequenceNumber: '100',
  createdAtMs: AT_MS,
  body: '{"eventID":"1"}',
  bytes: 15,
  arrivedAtMs: AT_MS,
  notBefore: undefined,
};

function aFailedBatch(payload = '{"Records":[{"eventID":"1"}]}'): FailedBatch {
  const message = failureMessage({
    records: [record, { ...record, sequenceNumber: '101' }],
    condition: 'RetryAttemptsExhausted',
    attempts: 4,
    functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:orders',
    streamArn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-31T00:00:00.000',
    shardId: SHARD,
    id: 'batch-1',
    atMs: AT_MS,
  });
  return { subscription: 'Orders', shardId: SHARD, id: 'batch-1', atMs: AT_MS, message, payload };
}

const clientOptions = (endpoint: string) => ({
  endpoint,
  region: 'eu-west-1',
  credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
  maxAttempts: 1,
});

test("a bucket gets Lambda's message with the whole event, under a name that sorts by time", async () => {
  const { endpoint, requests } = await awsEndpoint(() => ({ status: 200 }));
  const client = new S3Client({ ...clientOptions(endpoint), forcePathStyle: true });

  const stored = await s3Destination({ bucket: 'failures', prefix: 'millrace/P/Orders', client }).store(aFailedBatch());

  expect(stored).toEqual({ kind: 'stored' });
  expect(requests[0]?.path).toContain(`/failures/millrace/P/Orders/${SHARD}/2026/01/31/2026-01-31T12.00.19-batch-1`);
  expect(requests[0]?.body).toContain('"condition":"RetryAttemptsExhausted","approximateInvokeCount":4');
  expect(requests[0]?.body).toContain('"approximateArrivalOfFirstRecord":"2026-01-31T12:00:19Z"');
  expect(requests[0]?.body).toContain(JSON.stringify('{"Records":[{"eventID":"1"}]}'));
});

test('a bucket that refuses is a failure, with its reason', async () => {
  const { endpoint } = await awsEndpoint(() => ({
    status: 403,
    headers: { 'content-type': 'application/xml' },
    body: '<Error><Code>AccessDenied</Code><Message>not yours</Message></Error>',
  }));
  const client = new S3Client({ ...clientOptions(endpoint), forcePathStyle: true });

  const stored = await s3Destination({ bucket: 'failures', prefix: 'p', client }).store(aFailedBatch());

  expect(stored).toMatchObject({ kind: 'failed', reason: 'denied', message: expect.stringContaining('not yours') });
});

test('a queue gets the changes where they fit, and is told where they do not', async () => {
  const { endpoint, requests } = await awsEndpoint(() => ({
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: JSON.stringify({ MessageId: '1' }),
  }));
  const destination = sqsDestination({
    queueUrl: `${endpoint}/123456789012/failures`,
    client: new SQSClient({ ...clientOptions(endpoint), md5: false }),
  });

  const small = await destination.store(aFailedBatch());
  const large = await destination.store(aFailedBatch('x'.repeat(300_000)));

  expect([small, large]).toEqual([{ kind: 'stored' }, { kind: 'stored' }]);
  const [first, second] = requests.map(({ body }) => JSON.parse(JSON.parse(body).MessageBody));
  expect(first.payload).toBe('{"Records":[{"eventID":"1"}]}');
  expect(second).not.toHaveProperty('payload');
  expect(second.payloadLeftOut).toBe('larger than 262144 bytes');
  expect(second.DDBStreamBatchInfo).toMatchObject({
    startSequenceNumber: '100',
    endSequenceNumber: '101',
    batchSize: 2,
  });
});

test('a topic is told the same', async () => {
  const { endpoint, requests } = await awsEndpoint(() => ({
    headers: { 'content-type': 'text/xml' },
    body: '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>',
  }));
  const destination = snsDestination({
    topicArn: 'arn:aws:sns:eu-west-1:123456789012:failures',
    client: new SNSClient(clientOptions(endpoint)),
  });

  const stored = await destination.store(aFailedBatch());

  expect(stored).toEqual({ kind: 'stored' });
  expect(decodeURIComponent(requests[0]?.body ?? '')).toContain('"condition":"RetryAttemptsExhausted"');
});

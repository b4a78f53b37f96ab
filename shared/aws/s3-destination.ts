import type { S3Client } from '@aws-sdk/client-s3';
import type { FailedBatch } from '../core/failed-batch.ts';
import type { FailureDestination } from '../core/ports.ts';
import { failed } from './errors.ts';

export interface S3DestinationOptions {
  readonly bucket: string;
  /** What the objects' names begin with, without a slash at the end. */
  readonly prefix: string;
  /** @default - made when the first batch is given up, from the runtime's own SDK */
  readonly client?: S3Client;
}

/**
 * Stores batches as objects: the message that Lambda would write, with the whole event as `payload`.
 *
 * The SDK is loaded only when it is needed: a walk seldom gives a batch up.
 */
export function s3Destination({ bucket, prefix, client }: S3DestinationOptions): FailureDestination {
  let made = client;
  return {
    store: async (batch) => {
      try {
        const { PutObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
        made ??= new S3Client({});
        const Body = JSON.stringify({ ...batch.message, payload: batch.payload });
        const Key = objectKey(prefix, batch);
        await made.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType: 'application/json' }));
        return { kind: 'stored' };
      } catch (error) {
        return failed(error);
      }
    },
  };
}

/** `<prefix>/<shard>/2026/01/31/2026-01-31T12.00.19-<id>`, so that a listing of a shard comes in order of time. */
function objectKey(prefix: string, { shardId, atMs, id }: FailedBatch): string {
  const [day = '', time = ''] = new Date(atMs).toISOString().split('T');
  return `${prefix}/${shardId}/${day.replaceAll('-', '/')}/${day}T${time.slice(0, 8).replaceAll(':', '.')}-${id}`;
}

import type { S3Client } from '@aws-sdk/client-s3';
import { MillraceError } from '../core/errors.ts';
import { type ExportObjects, type ExportPlace, exportFolder, nameOf } from '../core/table-export.ts';
import { errorMessage, errorName } from './errors.ts';

export interface ExportBucketOptions {
  readonly place: ExportPlace & { readonly region?: string | undefined };
  /** @default - made at the first read, from the runtime's own SDK */
  readonly client?: S3Client;
  /** How much is read at once. @default 1 MiB */
  readonly rangeBytes?: number;
}

const RANGE_BYTES = 1_048_576;

/** Without the permission to list a bucket, S3 says of an object that is not there that access is denied. */
const NOT_THERE: ReadonlySet<string> = new Set(['NoSuchKey', 'NotFound', 'AccessDenied', 'Forbidden']);

/**
 * The objects of an export. Large ones are read in ranges, each a request of its own: so a slow handler holds no
 * connection open, and no more than a range is in memory. All ranges are of one version of the object.
 */
export function exportBucket({ place, client, rangeBytes = RANGE_BYTES }: ExportBucketOptions): ExportObjects {
  let made = client;
  const get = async (key: string, more: { readonly Range?: string; readonly IfMatch?: string } = {}) => {
    const { GetObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
    made ??= new S3Client(place.region === undefined ? {} : { region: place.region });
    return made.send(new GetObjectCommand({ Bucket: place.bucket, Key: key, ...more }));
  };
  const isThere = (key: string): Promise<boolean> =>
    get(key).then(
      () => true,
      () => false,
    );

  return {
    text: async (key) => {
      try {
        return (await (await get(key)).Body?.transformToString()) ?? '';
      } catch (error) {
        if (!NOT_THERE.has(errorName(error))) throw error;
        const isStarted = await isThere(`${exportFolder(place)}_started`);
        throw new MillraceError(
          'invalid-request',
          isStarted
            ? `the export ${nameOf(place)} must be finished, got one without ${key}: wait until aws dynamodb describe-export says COMPLETED`
            : `bootstrap.export must name an export that the walker may read, got ${nameOf(place)} (${errorMessage(error)})`,
          { cause: error },
        );
      }
    },
    bytes: async function* (key) {
      let [from, size] = [0, Number.POSITIVE_INFINITY];
      let version: string | undefined;
      while (from < size) {
        const Range = `bytes=${from}-${from + rangeBytes - 1}`;
        const answer = await get(key, { Range, ...(version !== undefined && { IfMatch: version }) });
        const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
        version = answer.ETag;
        from += bytes.length;
        size = Number(answer.ContentRange?.split('/')[1] ?? from);
        if (bytes.length === 0) return;
        yield bytes;
      }
    },
  };
}

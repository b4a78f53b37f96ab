import { DeleteObjectCommand, GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';

/** An object of an on-failure bucket. */
export interface GivenUpObject {
  readonly key: string;
  /** When it was written (epoch milliseconds). */
  readonly atMs: number;
}

/** The on-failure objects under a prefix, in the order in which they were given up. */
export interface GivenUpBatches {
  readonly list: () => Promise<readonly GivenUpObject[]>;
  readonly read: (key: string) => Promise<string>;
  readonly remove: (key: string) => Promise<void>;
}

export function givenUpBatches(client: S3Client, Bucket: string, Prefix: string): GivenUpBatches {
  return {
    list: async () => {
      const objects: GivenUpObject[] = [];
      for await (const page of paginateListObjectsV2({ client }, { Bucket, Prefix })) {
        for (const { Key, LastModified } of page.Contents ?? []) {
          if (Key !== undefined) objects.push({ key: Key, atMs: LastModified?.getTime() ?? 0 });
        }
      }
      return objects.sort((a, b) => a.atMs - b.atMs || (a.key < b.key ? -1 : 1));
    },
    read: async (Key) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      return (await Body?.transformToString()) ?? '';
    },
    remove: async (Key) => {
      await client.send(new DeleteObjectCommand({ Bucket, Key }));
    },
  };
}

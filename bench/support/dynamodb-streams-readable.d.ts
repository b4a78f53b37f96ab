/** The package has no types of its own. */
declare module 'dynamodb-streams-readable' {
  import type { Readable } from 'node:stream';
  import type { DynamoDBStreams } from '@aws-sdk/client-dynamodb-streams';

  const readableOf: (
    client: DynamoDBStreams,
    streamArn: string,
    options: { readonly iterator: 'TRIM_HORIZON' | 'LATEST'; readonly readInterval?: number },
  ) => Readable;
  export = readableOf;
}

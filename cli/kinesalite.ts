import { once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';

interface KinesaliteOptions {
  readonly createStreamMs: number;
  readonly deleteStreamMs: number;
  readonly updateStreamMs: number;
  readonly shardLimit: number;
}

/** The package has no types and no module of its own. */
const kinesalite = createRequire(import.meta.url)('kinesalite') as (options: KinesaliteOptions) => Server;

/** A Kinesis engine in this process. */
export interface LocalKinesis {
  readonly endpoint: string;
  readonly client: KinesisClient;
  readonly stop: () => Promise<void>;
}

/** Starts kinesalite, in memory: streams and reshards are ready a few milliseconds after they were asked for. */
export async function startKinesalite(): Promise<LocalKinesis> {
  const server = kinesalite({ createStreamMs: 10, deleteStreamMs: 10, updateStreamMs: 10, shardLimit: 100 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const client = kinesaliteClient(endpoint);
  return {
    endpoint,
    client,
    stop: async () => {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A client of kinesalite, which speaks HTTP/1.1 only, with credentials that no account has. */
export const kinesaliteClient = (endpoint: string): KinesisClient =>
  new KinesisClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 2,
    // It never answers where a shard is to be opened at a moment after its last record.
    requestHandler: new NodeHttpHandler({ requestTimeout: 2_000, throwOnRequestTimeout: true }),
  });

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { S3Client } from '@aws-sdk/client-s3';
import { onTestFinished } from 'vitest';

/** Objects by their keys, and a client of the server that gives them out as S3 does. */
export interface ObjectStore {
  readonly client: S3Client;
  readonly endpoint: string;
  readonly objects: Map<string, Buffer | string>;
  /** Every request that came: the key, and the range that was asked for. */
  readonly requests: readonly { readonly key: string; readonly range: string | undefined }[];
}

/** A real HTTP server that answers GetObject as S3 does: ranges, If-Match, and its errors. It ends with the test. */
export async function objectStore(bucket = 'exports'): Promise<ObjectStore> {
  const objects = new Map<string, Buffer | string>();
  const requests: { readonly key: string; readonly range: string | undefined }[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    const key = decodeURIComponent(pathname).slice(bucket.length + 2);
    const range = request.headers.range;
    requests.push({ key, range });
    const refuse = (status: number, code: string): void => {
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code} ${key}</Message></Error>`);
    };
    const object = objects.get(key);
    if (object === undefined) return refuse(404, 'NoSuchKey');
    const bytes = Buffer.from(object as string);
    const etag = `"${createHash('md5').update(bytes).digest('hex')}-1"`;
    const wanted = request.headers['if-match'];
    if (wanted !== undefined && wanted !== etag) return refuse(412, 'PreconditionFailed');
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    if (from === undefined || to === undefined) {
      response.writeHead(200, { etag, 'content-length': bytes.length }).end(bytes);
      return;
    }
    if (Number(from) >= bytes.length) return refuse(416, 'InvalidRange');
    const part = bytes.subarray(Number(from), Number(to) + 1);
    const contentRange = `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}`;
    response.writeHead(206, { etag, 'content-length': part.length, 'content-range': contentRange }).end(part);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
  const client = new S3Client({ endpoint, region: 'eu-west-1', credentials, forcePathStyle: true, maxAttempts: 1 });
  onTestFinished(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  });
  return { client, endpoint, objects, requests };
}

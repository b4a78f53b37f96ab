import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

export interface AwsRequest {
  /** The operation, such as `GetRecords`, where the service names it in a header; else the path. */
  readonly operation: string;
  /** The request's path, with its query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/**
 * What the endpoint does with a request.
 *
 * - `hang-up`: it closes the connection without an answer.
 * - `break-off`: it begins an answer, and closes the connection.
 * - `stall`: it begins an answer, and never goes on.
 * - `silence`: it never answers.
 * - `signs-of-life`: it says again and again that it works on it, and never answers.
 */
export type AwsAnswer =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | 'hang-up'
  | 'break-off'
  | 'stall'
  | 'silence'
  | 'signs-of-life';

export interface AwsEndpoint {
  readonly endpoint: string;
  /** Every request that came, in order. */
  readonly requests: readonly AwsRequest[];
}

/** A real HTTP server in the place of an AWS service; it ends with the test. */
export async function awsEndpoint(
  answer: (request: AwsRequest) => AwsAnswer | Promise<AwsAnswer>,
): Promise<AwsEndpoint> {
  const requests: AwsRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    void receive(incoming).then(async (request) => {
      requests.push(request);
      send(await answer(request), outgoing);
    });
  });
  const endpoint = await listen(server);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { endpoint, requests };
}

/** An error as services that speak JSON 1.0 (DynamoDB and its streams) answer it. */
export const awsError = (name: string, fields: object = {}, status = 400): AwsAnswer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: `${name} as it is`, ...fields }),
});

/** Passes a request on to another endpoint, and gives its answer. */
export async function forward(request: AwsRequest, endpoint: string): Promise<AwsAnswer> {
  const { 'content-length': _length, connection: _connection, host: _host, ...headers } = request.headers;
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
    body: request.body,
  });
  return { status: response.status, body: await response.text() };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

async function receive(incoming: IncomingMessage): Promise<AwsRequest> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
  const target = String(incoming.headers['x-amz-target'] ?? incoming.url);
  return {
    operation: target.slice(target.lastIndexOf('.') + 1),
    path: incoming.url ?? '',
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString(),
  };
}

function send(answer: AwsAnswer, outgoing: ServerResponse): void {
  switch (answer) {
    case 'hang-up':
      outgoing.destroy();
      break;
    case 'break-off':
      outgoing.writeHead(200).write('{"', () => outgoing.destroy());
      break;
    case 'stall':
      outgoing.writeHead(200).write('{"');
      break;
    case 'silence':
      break;
    case 'signs-of-life': {
      const signs = setInterval(() => outgoing.writeProcessing(), 20);
      outgoing.once('close', () => clearInterval(signs));
      break;
    }
    default:
      outgoing.writeHead(answer.status ?? 200, answer.headers).end(answer.body);
  }
}

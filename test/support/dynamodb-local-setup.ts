import { once } from 'node:events';
import { createServer } from 'node:http';
import type { TestProject } from 'vitest/node';
import { type DynamoDbLocal, startDynamoDbLocal } from '../../cli/dynamodb-local.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Answers with the endpoint of the run's DynamoDB Local, and starts it at the first request. */
    readonly dynamoDbLocal: string;
  }
}

/** Keeps one DynamoDB Local for the whole test run; a run that needs none pays for none. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let engine: Promise<DynamoDbLocal> | undefined;
  const server = createServer((_request, response) => {
    engine ??= startDynamoDbLocal();
    engine.then(
      ({ endpoint }) => response.end(endpoint),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  project.provide('dynamoDbLocal', `http://127.0.0.1:${port}/`);
  return async () => {
    server.close();
    await engine?.then(
      (started) => started.stop(),
      () => {},
    );
  };
}

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const STUB = fileURLToPath(new URL('./aws-stub.ts', import.meta.url));

export interface AwsProcess {
  /** What every client of the SDK needs to reach it. */
  readonly options: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  readonly stop: () => void;
}

/** Starts the stub of DynamoDB Streams and Lambda in a process of its own. */
export async function startAws(): Promise<AwsProcess> {
  const child = fork(STUB, { execArgv: [] });
  const [port] = (await once(child, 'message')) as [number];
  return {
    options: {
      endpoint: `http://127.0.0.1:${port}`,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    },
    stop: () => child.disconnect(),
  };
}

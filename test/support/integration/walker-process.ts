import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Tick, Ticked } from './walker-child.ts';

/** Where a walker finds its services. */
export interface WalkerEndpoints {
  /** Both DynamoDB and its streams. */
  readonly dynamodb: string;
  readonly lambda: string;
  /** Where streams of Kinesis are. @default there are none */
  readonly kinesis?: string;
  /** Which database of a rolling engine. @default local */
  readonly accessKeyId?: string;
}

/** The walker's entry point in a process of its own, as Lambda runs it. */
export interface WalkerProcess {
  /** Invokes it; `null` when the process died before it answered. One invocation at a time. */
  readonly tick: (tick: Tick) => Promise<Ticked | null>;
  /** What it logged: one object a line, as CloudWatch gets it, warnings and errors at the end. */
  readonly logged: () => readonly Readonly<Record<string, unknown>>[];
  /** Ends it with SIGKILL, so that not even its own clean-up runs; resolves when it is gone. */
  readonly kill: () => Promise<void>;
}

const CHILD = fileURLToPath(new URL('./walker-child.ts', import.meta.url));

/** Starts a walker's process. It ends by itself when this process does. */
export function startWalkerProcess(endpoints: WalkerEndpoints): WalkerProcess {
  const child = fork(CHILD, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
    env: {
      PATH: process.env.PATH,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: endpoints.accessKeyId ?? 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
      AWS_ENDPOINT_URL_DYNAMODB_STREAMS: endpoints.dynamodb,
      AWS_ENDPOINT_URL_LAMBDA: endpoints.lambda,
      ...(endpoints.kinesis !== undefined && { AWS_ENDPOINT_URL_KINESIS: endpoints.kinesis }),
    },
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  return {
    tick: (tick) =>
      Promise.race([
        new Promise<Ticked>((resolve) => {
          child.once('message', (ticked) => resolve(ticked as Ticked));
          // A process that is gone takes nothing; that it is gone says `ended`.
          child.send(tick, () => {});
        }),
        ended.then(() => null),
      ]),
    logged: () => `${output.stdout}\n${output.stderr}`.split('\n').filter(isWhole).map(parsed),
    kill: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
}

/** The last line of a process that was killed may be a part of one. */
const isWhole = (line: string): boolean => line.startsWith('{') && line.endsWith('}');
const parsed = (line: string): Readonly<Record<string, unknown>> => JSON.parse(line) as Record<string, unknown>;

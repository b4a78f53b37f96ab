import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { dynamoDbLocalFolder } from '../../cli/dynamodb-local.ts';
import { javaCommand, javaFailure } from '../../cli/java.ts';

/** A DynamoDB Local whose shards roll over, age, expire and trim when asked; its commands touch every table it has. */
export interface RollingDynamoDbLocal {
  readonly endpoint: string;
  /** Closes every open shard and opens a child of it. */
  readonly rollOver: () => Promise<void>;
  /**
   * Makes all records, shards and iterators `ms` older than they are: iterators expire after 15 minutes, what is older
   * than 24 hours is trimmed, and open shards roll over.
   */
  readonly dilate: (ms: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

const LAUNCHER = fileURLToPath(new URL('./RollingDynamoDbLocal.java', import.meta.url));

/** An engine that is stuck is told of, instead of keeping test after test until its time is over. */
const ANSWER_MS = 60_000;

async function within<T>(answer: Promise<T>, otherwise: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${otherwise} for ${ANSWER_MS} ms`)), ANSWER_MS);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

/**
 * Starts such an engine on a free port, in memory; it ends with `stop`, or with this process, however that goes.
 *
 * Takes a JDK (not only a runtime), since Java compiles the launcher as it starts it.
 * @throws MillraceError `engine` when there is no Java 17 or later, or the engine does not come up.
 */
export async function startRollingDynamoDbLocal(): Promise<RollingDynamoDbLocal> {
  const folder = dynamoDbLocalFolder();
  const libraries = join(folder, 'DynamoDBLocal_lib');
  const java = javaCommand();
  const child = spawn(
    java,
    [
      ...['-Xmx1g', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', `-Djava.library.path=${libraries}`],
      ...['-cp', [join(folder, 'DynamoDBLocal.jar'), join(libraries, '*')].join(delimiter), LAUNCHER],
    ],
    // Its standard input ends with this process, and the launcher with its standard input: nothing is left behind.
    { stdio: ['pipe', 'pipe', 'pipe'], detached: true, env: { ...process.env, DDB_LOCAL_TELEMETRY: '0' } },
  );
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-8_192);
  });
  child.stdin.on('error', () => {});
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('close', resolve);
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    const line = await answers.next();
    if (line.done) throw javaFailure(java, await ended, stderr);
    return line.value;
  };

  let port = await answer();
  while (!port.startsWith('port ')) port = await answer();
  let last: Promise<unknown> = Promise.resolve();
  const command = (line: string): Promise<void> => {
    const done = last.then(async () => {
      child.stdin.write(`${line}\n`);
      const answered = await within(answer(), `the engine did not answer ${line}`);
      if (answered !== 'ok') throw new Error(`the engine answered ${line} with ${answered}`);
    });
    last = done.catch(() => {});
    return done;
  };
  return {
    endpoint: `http://127.0.0.1:${port.slice('port '.length)}`,
    rollOver: () => command('rollover'),
    dilate: (ms) => command(`dilate ${ms}`),
    stop: async () => {
      child.stdin.end();
      const force = setTimeout(() => child.kill('SIGKILL'), ANSWER_MS);
      await ended;
      clearTimeout(force);
    },
  };
}

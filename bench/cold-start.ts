import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { figureOf } from './support/figure.ts';
import { alternate, ratioOf } from './support/rounds.ts';
import type { Row } from './support/row.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What each function is made of; those of Millrace beside those that do nothing with the same parts. */
const SOURCES = {
  handler: `import { changeHandler } from './shared/handler.ts';
    export const handler = changeHandler({ insert: () => undefined, modify: () => undefined });`,
  emptyHandler: `import { Logger } from '@aws-lambda-powertools/logger';
    const logger = new Logger();
    export const handler = async () => logger.debug('nothing to do');`,
  walker: `export { handler } from './functions/shard-walker.ts';`,
  emptyWalker: `import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
    import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
    import { KinesisClient } from '@aws-sdk/client-kinesis';
    import { LambdaClient } from '@aws-sdk/client-lambda';
    import { STSClient } from '@aws-sdk/client-sts';
    const state = new DynamoDBClient({});
    const sources = (of) => [new DynamoDBStreamsClient(of), new KinesisClient(of), new STSClient(of)];
    export const handler = async (of) => [state, new LambdaClient(of), ...sources(of)];`,
} as const;

/** In a process of its own: how long Node takes to load the bundle and to run what is at its top. */
const TIMER = `const from = performance.now();
await import(process.argv[2]);
console.log(performance.now() - from);`;

/** What Lambda would wait for before the first event: plain Node 24 imports the bundle that is deployed. */
export async function coldStart(): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  try {
    const timer = join(folder, 'timer.mjs');
    await writeFile(timer, TIMER);
    for (const [name, code] of Object.entries(SOURCES)) await bundle(folder, name, code);
    const importOf = (name: keyof typeof SOURCES) => () => importMs(timer, join(folder, `${name}.mjs`));
    const contenders = {
      ...{ handler: importOf('handler'), emptyHandler: importOf('emptyHandler') },
      ...{ walker: importOf('walker'), emptyWalker: importOf('emptyWalker') },
    };
    const ms = await alternate(contenders, { rounds: 41, warmUp: 2 });
    return [
      {
        what: 'cold start: import of a handler bundle',
        unit: 'ms',
        ours: figureOf(ms.handler),
        comparison: { name: 'an empty handler with the same logger', theirs: figureOf(ms.emptyHandler) },
        ratio: { figure: ratioOf(ms.handler, ms.emptyHandler), meaning: 'x its time' },
        target: { of: 'ratio', bound: 'at-most', value: 1.15 },
      },
      {
        what: 'cold start: import of the walker bundle',
        unit: 'ms',
        ours: figureOf(ms.walker),
        comparison: {
          name: 'an empty function with the same SDK clients',
          theirs: figureOf(ms.emptyWalker),
        },
        ratio: { figure: ratioOf(ms.walker, ms.emptyWalker), meaning: 'x its time' },
        target: { of: 'ratio', bound: 'at-most', value: 1.5 },
      },
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Bundles as the constructs do. */
async function bundle(folder: string, name: string, contents: string): Promise<void> {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    stdin: { contents, resolveDir: ROOT, loader: 'ts' },
    ...{ outfile, bundle: true, minify: true, platform: 'node', format: 'esm', target: 'node24' },
    mainFields: ['module', 'main'],
    external: ['@aws-sdk/client-s3', '@aws-sdk/client-sns', '@aws-sdk/client-sqs'],
  });
}

async function importMs(timer: string, file: string): Promise<number> {
  const env = { ...process.env, AWS_REGION: 'eu-central-1', AWS_EC2_METADATA_DISABLED: 'true' };
  const { stdout } = await run(process.execPath, [timer, file], { env });
  return Number(stdout);
}

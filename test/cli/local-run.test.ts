import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { clients } from '../support/dynamodb-local.ts';
import { millrace } from './millrace/command.ts';

const LOCAL_RUN = fileURLToPath(new URL('../../cli/local-run.ts', import.meta.url));

test('the local run prints every change as one line, sums up, and ends well', async () => {
  const run = localRun();

  expect(await run.exitCode).toBe(0);

  const lines = run.stdout().split('\n');
  const changes = lines.filter((line) => /^(insert|modify|remove) {2}o-\d+ {2}/.test(line));
  const [, total = 'none', inserts, modifies, removes] =
    run.stdout().match(/^(\d+) changes: (\d+) insert, (\d+) modify, (\d+) remove$/m) ?? [];
  expect(changes).toHaveLength(Number(total));
  expect(Number(inserts) + Number(modifies) + Number(removes)).toBe(Number(total));
  expect(lines.find((line) => line.includes('123456789012345678901234567890n'))).toMatch(/^insert/);
  expect(run.stdout()).toMatch(/^lag from write to handler: p50 \d+ ms, p99 \d+ ms$/m);
  expect(run.stdout()).toMatch(/^1 shard, \d+ batch(es)?, \d+ state writes?$/m);
  expect(run.stdout()).toMatch(
    /^orders: 1 shard \(0 read, 1 free\); lag \d s, 24\.0 h until loss\n○ [\d:]{5} [0-9a-f]{8} /m,
  );
  expect(run.stdout()).not.toContain('\u001b');
  expect(run.stderr()).toBe('');
}, 60_000);

test('the local run prints the same changes when they come through a Kinesis stream', async () => {
  const run = localRun('--kinesis');

  expect(await run.exitCode).toBe(0);

  const lines = run.stdout().split('\n');
  expect(lines.filter((line) => /^(insert|modify|remove) {2}o-\d+ {2}/.test(line))).toHaveLength(57);
  expect(run.stdout()).toMatch(/^kinesalite listens on http:/m);
  expect(lines.find((line) => line.includes('Uint8Array(4) [ 77, 82, 0, 255 ]'))).toMatch(/^insert/);
  expect(run.stdout()).toMatch(/^57 changes: 20 insert, 30 modify, 7 remove$/m);
  expect(run.stdout()).toMatch(/^2 shards, \d+ batches, \d+ state writes?$/m);
  expect(run.stderr()).toBe('');
}, 60_000);

test('watching shows the changes of other writers until Ctrl-C, and leaves no engine behind', async () => {
  const run = localRun('--watch');
  const [, endpoint = '', port = ''] = await run.printed(/DynamoDB Local listens on (http:\/\/127\.0\.0\.1:(\d+))/);
  const [putItem = ''] = await run.printed(/^.*aws dynamodb put-item.*$/m);
  expect(putItem).toContain(`--endpoint-url ${endpoint} --region us-east-1 --table-name orders --item '{`);

  const { dynamodb } = clients(endpoint);
  const Item = JSON.parse(putItem.match(/--item '(.*)'$/)?.[1] ?? '');
  await dynamodb.send(new PutItemCommand({ TableName: 'orders', Item }));
  await run.printed(/^insert {2}o-100 {2}/m);
  const [, status = ''] = await run.printed(/^npx millrace (status .*)$/m);
  expect(await millrace(status.split(' '))).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^orders +walker +reading /m),
  });
  run.process.kill('SIGINT');

  expect(await run.exitCode).toBe(0);
  expect(run.stdout()).toMatch(/^\d+ changes: 21 insert, /m);
  expect(await isListening(Number(port))).toBe(false);
}, 60_000);

test('a run that is interrupted before its end says so in its exit code, and leaves no engine behind', async () => {
  const run = localRun();
  const [, port = ''] = await run.printed(/listens on http:\/\/127\.0\.0\.1:(\d+)/);

  run.process.kill('SIGTERM');

  expect(await run.exitCode).toBe(130);
  expect(await isListening(Number(port))).toBe(false);
}, 60_000);

test('without Java the run ends with one line that names what to install', async () => {
  const run = localRun([], { JAVA_HOME: '/nowhere' });

  expect(await run.exitCode).toBe(1);
  expect(run.stderr()).toMatch(/^error: DynamoDB Local needs Java, .* install a JDK of version 17 or later .*\n$/);
});

test('an unknown option ends the run with one line that names it, before anything is started', async () => {
  const run = localRun('--wach');

  expect(await run.exitCode).toBe(1);
  expect(run.stderr()).toBe('error: an option must be one of --watch, --kinesis, --help, got --wach\n');
  expect(run.stdout()).toBe('');
});

test('help tells the ways to run it', async () => {
  const run = localRun('--help');

  expect(await run.exitCode).toBe(0);
  expect(run.stdout()).toMatch(/^npm start -- --watch {2,}stay until Ctrl-C/m);
});

interface Run {
  readonly process: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly exitCode: Promise<number | null>;
  /** Resolves when standard output matches. */
  readonly printed: (pattern: RegExp) => Promise<RegExpMatchArray>;
}

function localRun(args: string | readonly string[] = [], environment: NodeJS.ProcessEnv = {}): Run {
  const { FORCE_COLOR: _forced, ...inherited } = process.env;
  const child = spawn(process.execPath, [LOCAL_RUN, ...[args].flat()], { env: { ...inherited, ...environment } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exitCode = once(child, 'close').then(([code]) => code as number | null);
  const printed = async (pattern: RegExp): Promise<RegExpMatchArray> => {
    for (;;) {
      const match = stdout.match(pattern);
      if (match) return match;
      const ended = await Promise.race([once(child.stdout, 'data').then(() => false), exitCode.then(() => true)]);
      if (ended) throw new Error(`the run ended without printing ${pattern}:\n${stdout}${stderr}`);
    }
  };
  return { process: child, stdout: () => stdout, stderr: () => stderr, exitCode, printed };
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { startDynamoDbLocal } from '../../cli/dynamodb-local.ts';
import { clients } from '../support/dynamodb-local.ts';

const PARENT = `
  import { startDynamoDbLocal } from ${JSON.stringify(new URL('../../cli/dynamodb-local.ts', import.meta.url).href)};
  const engine = await startDynamoDbLocal();
  console.log(engine.port);
`;

test('engines started at once each listen on their own port and answer', async () => {
  const engines = await Promise.all([startDynamoDbLocal(), startDynamoDbLocal()]);

  const answers = await Promise.all(
    engines.map(async ({ endpoint }) => (await clients(endpoint).dynamodb.send(new ListTablesCommand())).TableNames),
  );
  await Promise.all(engines.map((engine) => engine.stop()));

  expect(new Set(engines.map((engine) => engine.port)).size).toBe(2);
  expect(answers).toEqual([[], []]);
}, 60_000);

test('a stopped engine has left its port, and stopping it again does nothing', async () => {
  const engine = await startDynamoDbLocal();

  await engine.stop();
  await engine.stop();

  expect(await isListening(engine.port)).toBe(false);
}, 60_000);

test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  'no engine is left behind when its parent dies of %s',
  async (signal) => {
    const { parent, port } = await startParent(`${PARENT} setInterval(() => {}, 1000);`);
    expect(await isListening(port)).toBe(true);

    parent.kill(signal);

    expect(await hasLeft(port)).toBe(true);
  },
  60_000,
);

test.each([
  ['throws', 'setTimeout(() => { throw new Error("expected by the test"); }, 1);'],
  ['forgets to stop it', ''],
])(
  'no engine is left behind, and none keeps its parent alive, when the parent %s',
  async (_how, rest) => {
    const { parent, port } = await startParent(`${PARENT} ${rest}`);

    if (parent.exitCode === null) await once(parent, 'exit');

    expect(await hasLeft(port)).toBe(true);
  },
  60_000,
);

test('fails in one line that names what to install where there is no Java', async () => {
  const start = startDynamoDbLocal({ java: '/nowhere/java' });

  await expect(start).rejects.toMatchObject({
    code: 'engine',
    message: expect.stringMatching(/^DynamoDB Local needs Java, and \/nowhere\/java was not found: install a JDK .*$/),
  });
});

test('fails with the port in the message where the port that was asked for is taken', async () => {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  const start = startDynamoDbLocal({ port });

  await expect(start).rejects.toThrow(`DynamoDB Local cannot listen on port ${port}: another process does`);
  server.close();
}, 60_000);

async function startParent(program: string) {
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = await once(parent.stdout.setEncoding('utf8'), 'data');
  return { parent, port: Number(line) };
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

async function hasLeft(port: number): Promise<boolean> {
  for (let waited = 0; waited < 10_000; waited += 50) {
    if (!(await isListening(port))) return true;
    await sleep(50);
  }
  return false;
}

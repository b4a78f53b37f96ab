import { UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { patternOfTables } from '../../support/integration/tables-walk.ts';
import { millrace } from './command.ts';

const SLOW = { timeout: 180_000 };

/** A pattern with a table that is read, one that is broken and one that is excluded, walked once. */
async function walkedPattern() {
  const pattern = await patternOfTables({}, { exclude: ['*-tmp'], viewType: 'NEW_IMAGE' });
  const { engine, stateTable, create, put, comes, becomes, start } = pattern;
  await create('good');
  await create('keys', 'KEYS_ONLY');
  await create('old-tmp');
  await put('good', 'one');
  const walk = start();
  await comes('good one');
  await becomes('keys', 'broken');
  const where = ['--endpoint', engine.endpoint, '--state-table', stateTable];
  return { ...pattern, walk, run: (...args: readonly string[]) => millrace([...args, ...where]) };
}

test('millrace tables shows which tables match, what becomes of them, and why', SLOW, async () => {
  const { run, prefix, walk } = await walkedPattern();
  await walk.stop();

  const text = await run('tables', 'tenants', '--matching');
  const json = await run('tables', 'tenants', '--json');

  const line = (name: string) => text.out.split('\n').find((one) => one.includes(prefix + name)) ?? '';
  expect(text.out).toContain(`us-east-1: ${prefix}*; without *-tmp, `);
  expect(line('good')).toMatch(/ yes +active .* it matches /);
  expect(line('keys')).toMatch(/ yes +broken .* its stream has the view type KEYS_ONLY, and NEW_IMAGE is asked for/);
  expect(line('old-tmp')).toBe('');
  expect(text.code).toBe(1);
  const { tables, regions } = JSON.parse(json.out);
  expect(regions).toMatchObject([{ region: 'us-east-1', failure: null }]);
  expect(tables.filter(({ tableName }: { tableName: string }) => tableName.startsWith(prefix))).toMatchObject([
    { tableName: `${prefix}good`, matches: true, state: 'active' },
    { tableName: `${prefix}keys`, matches: true, state: 'broken' },
    { tableName: `${prefix}old-tmp`, matches: false, state: null, why: 'it is excluded by *-tmp' },
  ]);
});

test('millrace status lists the tables of a pattern under it, and pause stops them all', SLOW, async () => {
  const { run, prefix, walk } = await walkedPattern();

  const status = await run('status', '--json');
  const rewound = await run('rewind', 'tenants', '--to', 'trim-horizon', '--yes');
  const exported = await run('positions', 'export', 'tenants');
  const paused = await run('pause', 'tenants');

  const { subscriptions } = JSON.parse(status.out) as {
    readonly subscriptions: readonly { readonly subscription: string; readonly phase: string; openShards: number }[];
  };
  const shown = subscriptions.map(({ subscription, phase }) => [subscription.replace(/[^/]*$/, ''), phase]);
  expect(shown).toEqual([
    ['', 'reading'],
    [`tenants/us-east-1/${prefix}good/`, 'reading'],
    [`tenants/us-east-1/${prefix}keys/`, 'broken'],
  ]);
  expect(subscriptions[0]).toMatchObject({ subscription: 'tenants', openShards: 1, lagMs: expect.any(Number) });
  expect(status.code).toBe(1);
  for (const refused of [rewound, exported]) {
    expect(refused.errors).toContain("the subscription must be one table's, got tenants");
    expect(refused.code).toBe(2);
  }
  expect(paused.code).toBe(0);
  expect(await walk.done).toMatchObject({ reason: 'paused' });
});

test('millrace doctor finds the broken tables of a pattern, and nothing wrong with its walks', SLOW, async () => {
  const { run, prefix, walk, remove, becomes } = await walkedPattern();
  await remove('good');
  await becomes('good', 'drained');
  await walk.stop();

  const { out, code } = await run('doctor', '--json');

  const { examined } = JSON.parse(out) as {
    readonly examined: readonly { readonly subject: string; readonly findings: readonly object[] }[];
  };
  expect(examined.map(({ subject }) => subject)).toEqual(['account', 'tenants']);
  expect(examined[1]?.findings).toMatchObject([
    {
      ...{ check: 'tables', result: 'problem', remedy: 'millrace tables tenants' },
      detail: expect.stringContaining(`us-east-1/${prefix}keys is broken: its stream has the view type KEYS_ONLY`),
    },
  ]);
  expect(code).toBe(1);
});

test('millrace gaps of a pattern are those of its tables', SLOW, async () => {
  const { run, prefix, walk, put, comes, dynamodb } = await walkedPattern();
  const none = await run('gaps', 'tenants');
  const turn = (StreamEnabled: boolean) =>
    dynamodb.send(
      new UpdateTableCommand({
        TableName: `${prefix}good`,
        StreamSpecification: { StreamEnabled, ...(StreamEnabled && { StreamViewType: 'NEW_IMAGE' }) },
      }),
    );
  await turn(false);
  await turn(true);
  await put('good', 'two');
  await comes('good two');
  await walk.stop();

  const { out } = await run('gaps', 'tenants');

  expect(none.out.trim()).toBe('tenants has no gaps');
  expect(out).toMatch(new RegExp(`^tenants/us-east-1/${prefix}good/\\d+: `));
  expect(out).toContain('the stream was turned off and on');
  expect(out).not.toContain('no gaps');
});

test('millrace tables refuses a subscription that is for no pattern', SLOW, async () => {
  const { engine, stateTable } = await patternOfTables();

  const { code, errors } = await millrace([
    ...['tables', 'orders', '--endpoint', engine.endpoint, '--state-table', stateTable],
  ]);

  expect(errors).toContain(`the state table ${stateTable} has no subscription "orders"`);
  expect(code).toBe(3);
});

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { awsEndpoint, awsError, forward } from '../../support/aws-endpoint.ts';
import { millrace, startMillrace } from './command.ts';
import { until, walkedOrders } from './walked-orders.ts';

const MINUTE = 60_000;
const NO_SUBSCRIPTIONS = 'there are no subscriptions; walked ones are in a state table (--state-table)\n';

describe('millrace pause', () => {
  test(
    'ends a walk after its current batch, and resume lets the next one go on where it was',
    async () => {
      const orders = await walkedOrders();
      await orders.write('a', 'b');
      const end = orders.startWalk();
      await until(() => orders.delivered.length === 2);

      const paused = await orders.run('pause', 'orders');
      await end();
      await orders.write('c');
      orders.startWalk();
      const again = await orders.run('pause', 'orders', '--json');

      expect(paused).toMatchObject({ code: 0, errors: '' });
      expect(paused.out).toMatch(
        /^orders is paused\nthe stream keeps what waits for another 23 h \d\d m: resume before\n$/,
      );
      expect(JSON.parse(again.out)).toMatchObject({ subscription: 'orders', isPaused: true, changed: false });
      expect(orders.delivered).toEqual(['a', 'b']);

      expect(await orders.run('resume', 'orders')).toEqual({
        code: 0,
        out: 'orders goes on: with its next tick\n',
        errors: '',
      });
      await orders.walkUntil(3);
      expect(orders.delivered).toEqual(['a', 'b', 'c']);
    },
    MINUTE,
  );

  test('of a subscription that is not there is refused', async () => {
    const orders = await walkedOrders();

    expect(await orders.run('pause', 'nobody')).toEqual({
      code: 3,
      out: '',
      errors: `the state table ${orders.stateTable} has no subscription "nobody": millrace status lists those it has\n`,
    });
  });
});

describe('millrace rewind', () => {
  test(
    'of a paused subscription says what comes again, and the next walk delivers it',
    async () => {
      const orders = await walkedOrders();
      await orders.write('a', 'b');
      await orders.walkUntil(2);

      const running = await orders.run('rewind', 'orders', '--to', 'trim-horizon', '--yes');
      await orders.run('pause', 'orders');
      const dry = await orders.run('rewind', 'orders', '--to', '2h', '--dry-run');
      const unasked = await orders.run('rewind', 'orders', '--to', 'trim-horizon');
      const done = await orders.run('rewind', 'orders', '--to', 'trim-horizon', '--yes', '--json');
      const twice = await orders.run('rewind', 'orders', '--to', '2h', '--dry-run');
      await orders.run('resume', 'orders');
      await orders.walkUntil(4);

      expect(running).toMatchObject({
        code: 3,
        errors: 'nothing was changed: orders is not paused: millrace pause orders\n',
      });
      expect(dry.code).toBe(0);
      expect(dry.out).toMatch(/^delivered again: every change since \S+Z up to \S+Z, of 1 shard\n/);
      expect(unasked.code).toBe(3);
      expect(unasked.errors).toContain('--yes says it in advance');
      expect(done.code).toBe(0);
      expect(JSON.parse(done.out)).toMatchObject({
        result: 'done',
        generation: 2,
        plan: { shards: [{ is: 'read-again' }] },
      });
      expect(twice.out).toMatch(/^the current generation of orders has listed nothing yet: /);
      expect(orders.delivered).toEqual(['a', 'b', 'a', 'b']);
    },
    MINUTE,
  );

  test.each([
    ['yesterday', /^error: --to must be an ISO 8601 time .*got "yesterday"\n$/],
    ['2999-01-01T00:00:00Z', /^error: --to must not be in the future/],
  ])('to %s is a mistake on the command line', async (to, message) => {
    const orders = await walkedOrders();

    const { code, errors } = await orders.run('rewind', 'orders', '--to', to);

    expect(code).toBe(2);
    expect(errors).toMatch(message);
  });
});

describe('millrace positions', () => {
  test(
    'exported from one subscription begin another where the first was, also when the walk goes on',
    async () => {
      const orders = await walkedOrders();
      const file = join(mkdtempSync(join(tmpdir(), 'millrace-')), 'positions.json');
      await orders.write('a', 'b');
      await orders.walkUntil(2);

      const exported = await orders.run('positions', 'export', 'orders', '--out', file);
      await orders.write('c');
      await orders.walkUntil(3);
      const imported = await orders.run('positions', 'import', 'copy', file, '--yes');
      await orders.run('pause', 'orders');
      const back = await orders.run('rewind', 'orders', '--to', file, '--yes');
      await orders.run('resume', 'orders');
      await orders.walkUntil(4);

      expect(exported).toMatchObject({ code: 0, out: `${file} has the positions of 1 shard of orders\n` });
      expect(imported).toMatchObject({ code: 0 });
      expect(imported.out).toContain('copy is not there yet: it begins at these positions, paused');
      expect(back).toMatchObject({ code: 0 });
      expect(orders.delivered).toEqual(['a', 'b', 'c', 'c']);
      const copy = JSON.parse((await orders.run('positions', 'export', 'copy')).out);
      const original = JSON.parse(readFileSync(file, 'utf8'));
      expect(copy.streams).toEqual(original.streams);
    },
    MINUTE,
  );

  test('that are none, or of another table, are refused', async () => {
    const orders = await walkedOrders();
    await orders.write('a');
    await orders.walkUntil(1);
    await orders.run('pause', 'orders');
    const { out } = await orders.run('positions', 'export', 'orders');
    const file = join(mkdtempSync(join(tmpdir(), 'millrace-')), 'positions.json');

    writeFileSync(file, '{}');
    const none = await orders.run('positions', 'import', 'orders', file, '--yes');
    writeFileSync(file, out.replaceAll(orders.streamArn, 'arn:other'));
    const foreign = await orders.run('positions', 'import', 'orders', file, '--yes');

    expect(none).toEqual({ code: 2, out: '', errors: 'error: in the file of positions, format is missing\n' });
    expect(foreign).toMatchObject({ code: 3 });
    expect(foreign.errors).toContain(`the positions are of arn:other, and orders reads ${orders.streamArn}`);
  });
});

describe('millrace gaps', () => {
  test(
    'lists what halts a shard, and accepting it lets the shard go on and tells who did so',
    async () => {
      const orders = await walkedOrders();
      await orders.write('a');
      await orders.walkUntil(1);
      const none = await orders.run('gaps', 'orders');
      const [id, shardId] = await halt(orders);

      const halted = await orders.run('gaps', '--json');
      const status = await orders.run('status', 'orders', '--json');
      const unknown = await orders.run('gaps', 'accept', 'nothing', '--yes');
      const accepted = await orders.run('gaps', 'accept', id, '--yes', '--by', 'ada');
      const after = await orders.run('gaps', 'orders');
      await orders.write('b');
      await orders.walkUntil(2);

      expect(none).toEqual({ code: 0, out: 'orders has no gaps\n', errors: '' });
      expect(halted.code).toBe(1);
      expect(JSON.parse(halted.out)).toMatchObject({
        subscriptions: [{ subscription: 'orders', gaps: [{ id, shardId, status: 'halted' }] }],
      });
      expect(status.code).toBe(1);
      expect(JSON.parse(status.out)).toMatchObject({ subscriptions: [{ phase: 'halted', haltedShards: 1, gaps: 1 }] });
      expect(unknown).toMatchObject({ code: 3 });
      expect(accepted).toMatchObject({
        code: 0,
        out: `${shardId} of orders goes on with the next tick; accepted by ada\n`,
      });
      expect(after.code).toBe(0);
      expect(after.out).toContain('reported, accepted by ada');
      expect(orders.delivered).toEqual(['a', 'b']);
    },
    MINUTE,
  );
});

/** Puts a halting gap into the row of the only shard, as a walk does. */
async function halt(orders: Awaited<ReturnType<typeof walkedOrders>>): Promise<readonly [string, string]> {
  const [stream] = (await orders.state.control('orders')).filter((row) => row.kind === 'stream');
  const key = { subscription: 'orders', generation: 1, stream: stream!.stream };
  const [lease] = await orders.state.leases(key);
  const { shardId } = lease!;
  const notice = {
    id: `trimmed:${shardId}:x`,
    reason: 'trimmed',
    shardId,
    after: 'x',
    detectedAtMs: Date.now(),
  } as const;
  await orders.state.putGap('orders', notice);
  const next = { ...lease!, revision: lease!.revision + 1, gap: { ...notice, status: 'halted' as const } };
  await orders.state.updateLease(key, lease!, next);
  return [notice.id, shardId];
}

describe('millrace status', () => {
  test(
    'tells how far each subscription is, and draws its shards',
    async () => {
      const orders = await walkedOrders();
      expect(await orders.run('status')).toEqual({
        code: 0,
        out: NO_SUBSCRIPTIONS,
        errors: '',
      });
      await orders.write('a');
      await orders.walkUntil(1);

      const table = await orders.run('status');
      const tree = await orders.run('status', 'orders', '--shards');
      const json = await orders.run('status', '--json');

      const [head, row] = table.out.trimEnd().split('\n');
      expect(head).toMatch(/^SUBSCRIPTION {2,}PATH {2,}PHASE {2,}LAG {2,}UNTIL LOSS {2,}PARKED {2,}OPEN/);
      expect(row).toMatch(/^orders +walker +reading +\d+ s +23 h \d\d m +- +1 +0 +0 +0 +1 +0 +\d+ s ago$/);
      expect(table.code).toBe(0);
      expect(tree.out).toMatch(
        /\n\norders: 1 shard \(.*\); lag \d+ s, 24\.0 h until loss\n[●○] \S+ \w+ .*after …\d+\n$/,
      );
      expect(JSON.parse(json.out).subscriptions).toMatchObject([
        { subscription: 'orders', phase: 'reading', generation: 1, openShards: 1, streamArn: orders.streamArn },
      ]);
    },
    MINUTE,
  );

  test('of a subscription that is not there is refused', async () => {
    const orders = await walkedOrders();

    expect(await orders.run('status', 'nobody')).toMatchObject({ code: 3, out: '' });
  });

  test(
    'goes on watching when a refresh fails, and says so',
    async () => {
      const orders = await walkedOrders();
      await orders.write('a');
      await orders.walkUntil(1);
      let isAway = false;
      const between = await awsEndpoint((request) =>
        isAway ? awsError('AccessDeniedException') : forward(request, orders.endpoint),
      );

      const watching = startMillrace([
        ...['status', '--watch', '1', '--endpoint', between.endpoint, '--state-table', orders.stateTable],
      ]);
      await until(() => watching.out().includes('reading'));
      isAway = true;
      await until(() => watching.out().includes('\n\nnot refreshed: AccessDeniedException'));
      isAway = false;
      const { length } = watching.out();
      await until(() => /reading.*\n$/.test(watching.out().slice(length)));
      watching.kill('SIGINT');

      expect(await watching.ended).toMatchObject({ code: 0, errors: '' });
    },
    MINUTE,
  );

  test(
    'watches until it is interrupted, a report after the other',
    async () => {
      const orders = await walkedOrders();
      await orders.write('a');
      await orders.walkUntil(1);

      const watching = orders.start('status', '--watch', '1', '--json');
      await until(() => watching.out().split('\n').length > 2);
      watching.kill('SIGINT');

      expect(await watching.ended).toMatchObject({ code: 0 });
      for (const line of watching.out().trimEnd().split('\n')) expect(JSON.parse(line).subscriptions).toHaveLength(1);
    },
    MINUTE,
  );
});

describe('the command line', () => {
  test.each([
    [['pause'], "error: missing required argument 'subscription'"],
    [['fly'], "error: unknown command 'fly'"],
    [['status', '--fast'], "error: unknown option '--fast'"],
    [['gaps'], 'error: --state-table, or the environment variable MILLRACE_STATE_TABLE, must name the state table'],
    [['status', '--endpoint', 'localhost'], 'error: --endpoint must be a URL'],
  ])('%j is refused in one clear error', async (args, message) => {
    const { code, out, errors } = await millrace(args);

    expect([code, out]).toEqual([2, '']);
    expect(errors).toContain(message);
  });

  test('the version is printed when it is asked for', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

    expect(await millrace(['--version'])).toEqual({ code: 0, out: `${version}\n`, errors: '' });
  });

  test('help is printed when it is asked for', async () => {
    expect(await millrace(['rewind', '--help'])).toMatchObject({
      code: 0,
      errors: '',
      out: expect.stringContaining('--dry-run'),
    });
  });

  test('an engine that does not answer, and a table that is not there, are failures of their own', async () => {
    const { endpoint } = await walkedOrders();

    const nowhere = await millrace(['status', '--state-table', 'state', '--endpoint', 'http://127.0.0.1:9']);
    const missing = await millrace(['status', '--state-table', 'nothing', '--endpoint', endpoint]);

    expect(nowhere.code).toBe(4);
    expect(nowhere.errors).toContain('ECONNREFUSED');
    expect(missing.code).toBe(4);
    expect(missing.errors).toContain('ResourceNotFoundException');
  });
});

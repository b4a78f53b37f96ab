import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { millrace } from './command.ts';
import { walkedOrders } from './walked-orders.ts';

const MINUTE = 60_000;
const FOLDER = tmpdir();

describe('a file that cannot be used is a mistake on the command line', () => {
  const NOWHERE = ['--endpoint', 'http://127.0.0.1:9', '--state-table', 'state'];

  test.each([
    [
      'positions import orders /nonexistent/file',
      'the file must be one that can be read, got /nonexistent/file (ENOENT)',
    ],
    [`positions import orders ${FOLDER}`, `the file must be one that can be read, got ${FOLDER} (EISDIR)`],
    [`rewind orders --to ${FOLDER}`, `the file must be one that can be read, got ${FOLDER} (EISDIR)`],
    ['rewind orders --to nothing.json', 'or a file of positions that is there, got "nothing.json"'],
    [`tail orders --since ${FOLDER}`, `the file must be one that can be read, got ${FOLDER} (EISDIR)`],
    ['tail orders --since nothing.json', 'or trim-horizon, or positions that were kept, got "nothing.json"'],
  ])(
    'millrace %s',
    async (line, message) => {
      const { code, out, errors } = await millrace([...line.split(' '), ...NOWHERE]);

      expect([code, out]).toEqual([2, '']);
      expect(errors).toMatch(/^error: .*\n$/);
      expect(errors).toContain(message);
    },
    MINUTE,
  );

  test(
    'also one that cannot be written',
    async () => {
      const orders = await walkedOrders();
      await orders.write('a');
      await orders.walkUntil(1);

      const { code, errors } = await orders.run('positions', 'export', 'orders', '--out', '/nonexistent/file');

      expect(code).toBe(2);
      expect(errors).toBe('error: --out must name a file that can be written, got /nonexistent/file (ENOENT)\n');
    },
    MINUTE,
  );
});

describe('without what AWS needs', () => {
  const REGION = { AWS_REGION: 'us-east-1' };

  test.each([
    ['status'],
    ['status --state-table state'],
    ['tail orders'],
    ['pause orders --state-table state'],
    ['parked orders'],
    ['move orders --to walker --state-table state'],
  ])(
    'millrace %s says once that there is no region, and that there are no credentials',
    async (line) => {
      const lost = await millrace(line.split(' '));
      const nobody = await millrace(line.split(' '), REGION);

      expect([lost.code, lost.out]).toEqual([4, '']);
      expect(lost.errors).toMatch(/^error: .*Region is missing.*\n$/);
      expect([nobody.code, nobody.out]).toEqual([4, '']);
      expect(nobody.errors).toMatch(/^error: .*Could not load credentials.*\n$/);
    },
    MINUTE,
  );

  test('doctor says what is missing once, and leaves out what needs it', async () => {
    const { code, out } = await millrace(['doctor', '--state-table', 'state', '--json'], REGION);

    const examined = JSON.parse(out).examined as { subject: string; findings: { check: string; result: string }[] }[];
    expect(code).toBe(1);
    expect(examined.flatMap(({ findings }) => findings.map(({ check, result }) => `${check} ${result}`))).toEqual([
      'credentials problem',
      'state table skipped',
      'state skipped',
      'mappings skipped',
      'schedules skipped',
    ]);
  });

  test('doctor says that it has no state table to look at', async () => {
    const { endpoint } = await walkedOrders();

    const { code, out } = await millrace(['doctor', '--endpoint', endpoint]);

    expect(code).toBe(0);
    expect(out).toContain('  skipped  state table: none is named\n           name it with --state-table');
  });
});

describe('nobody is asked for what is refused anyway', () => {
  test(
    'a rewind of a subscription that is not paused, and an import of positions of another table',
    async () => {
      const orders = await walkedOrders();
      await orders.write('a');
      await orders.walkUntil(1);
      const { out } = await orders.run('positions', 'export', 'orders');
      const where = ['--endpoint', orders.endpoint, '--state-table', orders.stateTable];

      const running = await orders.run('rewind', 'orders', '--to', 'TRIM_HORIZON');
      const foreign = await millrace(
        ['positions', 'import', 'orders', '-', '--dry-run', ...where],
        {},
        out.replaceAll(orders.streamArn, 'arn:other'),
      );

      expect(running).toMatchObject({
        code: 3,
        errors: 'nothing was changed: orders is not paused: millrace pause orders\n',
      });
      expect(foreign).toMatchObject({ code: 3, out: '' });
      expect(foreign.errors).toMatch(/^nothing was changed: the positions are of arn:other, /);
    },
    MINUTE,
  );

  test("accepting a gap in nobody's name", async () => {
    const { code, errors } = await millrace(['gaps', 'accept', 'x', '--by', ' ', '--state-table', 'state']);

    expect([code, errors]).toEqual([2, 'error: --by must name who accepts the gap, got nothing\n']);
  });

  test('accepting a gap that no shard is halted at', async () => {
    const orders = await walkedOrders();
    await orders.write('a');
    await orders.walkUntil(1);

    expect(await orders.run('gaps', 'accept', 'nothing', '--subscription', 'orders')).toMatchObject({
      code: 3,
      errors: 'nothing was changed: no shard of orders is halted at such a gap: millrace gaps lists them\n',
    });
  });
});

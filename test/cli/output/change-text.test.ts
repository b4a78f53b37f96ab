import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { changeText } from '../../../cli/output/change-text.ts';
import { changeReader } from '../../../shared/core/change-reader.ts';
import { eventOf, gapOf, insertOf, modifyOf, removeOf } from '../../../shared/testing/index.ts';

const read = changeReader({ run: 0 });
const linesOf = (...[drafts, options]: Parameters<typeof eventOf>): readonly string[] =>
  eventOf(drafts, options).Records.flatMap((record) => changeText(read(record), new PassThrough()).split('\n'));

test('numbers of any size, sets and binary are shown as they are', () => {
  const [line] = linesOf([
    insertOf({ id: 'a', n: 12345678901234567890n, tags: new Set(['x']), b: new Uint8Array([1]) }),
  ]);

  expect(line).toBe(
    "2026-01-01T00:00:00Z  insert  id=a  { b: Uint8Array(1) [ 1 ], id: 'a', n: 12345678901234567890n, tags: Set(1) { 'x' } }",
  );
});

test('of a modify what differs is shown, down to the innermost', () => {
  expect(
    linesOf([modifyOf({ id: 'a', to: { city: 'Ulm' }, old: 1 }, { id: 'a', to: { city: 'Bonn' }, new: 2 })]),
  ).toEqual([
    '2026-01-01T00:00:00Z  modify  id=a',
    "  - to.city: 'Ulm'",
    "  + to.city: 'Bonn'",
    '  + new: 2',
    '  - old: 1',
  ]);
});

test('a stream of keys alone shows keys, and a delete by time to live says so', () => {
  expect(linesOf([insertOf({ id: 'a' })], { viewType: 'KEYS_ONLY' })).toEqual(['2026-01-01T00:00:00Z  insert  id=a  ']);
  expect(linesOf([removeOf({ id: 'a' }, { expired: true })])).toEqual([
    "2026-01-01T00:00:00Z  remove  id=a (its time to live is over)  { id: 'a' }",
  ]);
});

test('what a terminal would obey is shown, and not obeyed', () => {
  expect(linesOf([insertOf({ id: '\u001b[2J' })])[0]).not.toContain('\u001b');
});

test('a gap tells where changes may have been lost', () => {
  const gap = { id: 'g', reason: 'trimmed', shardId: 'shard-a', after: 'trim-horizon', detectedAtMs: 0 } as const;

  expect(linesOf([gapOf(gap)])[0]).toMatch(
    /gap {2}changes may have been lost in shard-a after trim-horizon \(trimmed\)$/,
  );
});

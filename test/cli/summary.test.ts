import { expect, test } from 'vitest';
import { summary } from '../../cli/summary.ts';

test('the summary tells changes by kind, lag, shards and state writes', () => {
  const changes = { kinds: { remove: 1, insert: 2 }, total: 3, lagsMs: [12.4, 80] };

  expect(summary(changes, { shards: 1, batches: 2, stateWrites: 9 })).toBe(
    [
      '3 changes: 2 insert, 1 remove',
      'lag from write to handler: p50 12 ms, p99 80 ms',
      '1 shard, 2 batches, 9 state writes',
    ].join('\n'),
  );
});

test('a run without changes has a summary, too', () => {
  expect(summary({ kinds: {}, total: 0, lagsMs: [] }, { shards: 0, batches: 0, stateWrites: 0 })).toMatch(
    /^0 changes: none\nlag from write to handler: p50 unknown, p99 unknown\n/,
  );
});

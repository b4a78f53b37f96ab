import { expect, test } from 'vitest';
import { walkCounter } from '../../cli/walk-tally.ts';

test('shards, batches and state writes are counted over all walks', () => {
  const { report, tally } = walkCounter(() => {});

  report({ kind: 'lease-claimed', shardId: 'a', epoch: 1, tookOver: false });
  report({ kind: 'lease-claimed', shardId: 'a', epoch: 2, tookOver: false });
  report({ kind: 'batch-delivered', shardId: 'a', records: 2, bytes: 10, durationMs: 1, lagMs: 1 });
  report({ kind: 'state-written', operation: 'advance' });

  expect(tally()).toEqual({ shards: 1, batches: 1, stateWrites: 1 });
});

test('what went wrong is handed on in words', () => {
  const complaints: string[] = [];
  const { report } = walkCounter((message) => complaints.push(message));

  report({
    kind: 'batch-failed',
    shardId: 'a',
    records: 2,
    attempt: 1,
    message: 'Error: no',
    startSequenceNumber: '7',
    endSequenceNumber: '9',
  });
  report({
    kind: 'gap',
    gap: { id: '1', reason: 'trimmed', shardId: 'a', after: 'the beginning', detectedAtMs: 0 },
    halted: false,
  });

  expect(complaints).toEqual([
    'batch-failed: Error: no',
    'gap: changes may have been lost in a after the beginning (trimmed)',
  ]);
});

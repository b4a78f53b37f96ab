import { describe, expect, test } from 'vitest';
import type { LeaseRow } from '../../../shared/core/lease.ts';
import { afterSequenceNumber, atSequenceNumber, shardEnd } from '../../../shared/core/position.ts';
import { parsePositions, positionsOf } from '../../../shared/core/positions-file.ts';
import { aLease } from '../../support/state-scenarios/rows.ts';
import { aStreamRow, LEASES, NOW, POINTER } from '../operations/a-subscription.ts';

const exported = (leases: readonly LeaseRow[]) => positionsOf('orders', POINTER, [{ row: aStreamRow(), leases }], NOW);
const shardsOf = (leases: readonly LeaseRow[]) => exported(leases).streams[0]?.shards.map(({ shardId }) => shardId);

describe('positions read while a walk goes on', () => {
  const parent = aLease({ shardId: 'a', position: afterSequenceNumber('1'), epoch: 1 });
  const child = aLease({ shardId: 'b', parents: ['a'], position: afterSequenceNumber('2'), epoch: 1 });
  const grandchild = aLease({ shardId: 'c', parents: ['b'], position: atSequenceNumber('3') });

  test('leave out what was read before its parents were at their end, and what descends from it', () => {
    expect(shardsOf([parent, child, grandchild])).toEqual(['a']);
    expect(shardsOf([parent, { ...child, position: shardEnd() }, grandchild])).toEqual(['a']);
  });

  test('keep a shard that waits for its parents', () => {
    const waiting = { ...child, epoch: 0, position: atSequenceNumber('2') };

    expect(shardsOf([parent, waiting, grandchild])).toEqual(['a', 'b', 'c']);
  });

  test('keep what was read after its parents were at their end, or without them', () => {
    expect(shardsOf([{ ...parent, position: shardEnd() }, child, grandchild])).toEqual(['a', 'b', 'c']);
    expect(shardsOf([child])).toEqual(['b']);
  });

  test('keep only the streams of the generation that counts', () => {
    const older = { row: aStreamRow({ generation: 0 }), leases: LEASES };

    expect(positionsOf('orders', POINTER, [older], NOW).streams).toEqual([]);
  });
});

describe('a file of positions', () => {
  test('is read back from its text as it was written', () => {
    const positions = exported(LEASES);

    expect(parsePositions(JSON.stringify(positions))).toEqual(positions);
    expect(parsePositions(positions)).toEqual(positions);
  });

  test.each([
    ['{', 'the file of positions must be JSON, got "{"'],
    ['[]', 'in the file of positions, format is missing'],
    ['7', 'the file of positions must be Object, got 7'],
    [{ ...exported([]), kind: 'other' }, 'in the file of positions, kind must be "millrace-positions", got "other"'],
    [{ ...exported([]), startedAtMs: 'now' }, 'in the file of positions, startedAtMs must be number, got "now"'],
  ])('that is none is refused: %j', (given, message) => {
    expect(() => parsePositions(given)).toThrow(expect.objectContaining({ code: 'invalid-request', message }));
  });

  test('whose position is none is refused, naming it', () => {
    const positions = JSON.parse(JSON.stringify(exported(LEASES)));
    positions.streams[0].shards[1].position.sequenceNumber = '12x';

    expect(() => parsePositions(positions)).toThrow(
      /^in the file of positions, streams\.0\.shards\.1\.position\.sequenceNumber must be .*"12x"$/,
    );
  });

  test('of a newer format is refused', () => {
    expect(() => parsePositions({ ...exported([]), format: 2 })).toThrow(
      expect.objectContaining({ code: 'unsupported', message: expect.stringContaining('format 2') }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  afterItem,
  afterSequenceNumber,
  atSequenceNumber,
  comparePositions,
  type Position,
  shardEnd,
  trimHorizon,
  withMoment,
} from '../../../shared/core/position.ts';
import { positions } from '../../support/arbitraries.ts';

/** A position of each kind, in the order of reading. */
const inOrder: Record<Position['at'], readonly Position[]> = {
  'trim-horizon': [trimHorizon()],
  'at-sequence-number': [atSequenceNumber('9'), atSequenceNumber('10')],
  'after-sequence-number': [afterSequenceNumber('9'), afterSequenceNumber('10')],
  'after-item': [afterItem('{"id":{"S":"z"}}', 9), afterItem('{"id":{"S":"a"}}', 10)],
  'shard-end': [shardEnd()],
};

describe('positions', () => {
  test('of one shard follow one another from the trim horizon to the end', () => {
    const [at9, at10] = inOrder['at-sequence-number'];
    const [after9, after10] = inOrder['after-sequence-number'];
    const expected = [
      ...inOrder['trim-horizon'],
      at9,
      after9,
      at10,
      after10,
      ...inOrder['after-item'],
      ...inOrder['shard-end'],
    ];

    expect(Object.values(inOrder).flat().toSorted(comparePositions)).toEqual(expected);
    expect(Object.values(inOrder).flat().toReversed().toSorted(comparePositions)).toEqual(expected);
  });

  test('are totally ordered', () => {
    fc.assert(
      fc.property(positions, positions, positions, (a, b, c) => {
        const [first, second, third] = [a, b, c].toSorted(comparePositions);

        expect(comparePositions(a, a)).toBe(0);
        expect(Math.sign(comparePositions(a, b)) + Math.sign(comparePositions(b, a))).toBe(0);
        expect(comparePositions(first!, second!)).toBeLessThanOrEqual(0);
        expect(comparePositions(second!, third!)).toBeLessThanOrEqual(0);
        expect(comparePositions(first!, third!)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 1_000 },
    );
  });

  test('compare alike whatever moment they wait for', () => {
    fc.assert(
      fc.property(positions, positions, (a, b) => {
        expect(comparePositions(withMoment(a, 1), withMoment(b, undefined))).toBe(comparePositions(a, b));
      }),
    );
  });

  test('carry a moment only where there is one', () => {
    expect(trimHorizon()).toEqual({ at: 'trim-horizon' });
    expect(Object.keys(afterSequenceNumber('1'))).toEqual(['at', 'sequenceNumber']);
    expect(atSequenceNumber('1', 0)).toEqual({ at: 'at-sequence-number', sequenceNumber: '1', notBefore: 0 });
    expect(shardEnd(5)).toEqual({ at: 'shard-end', notBefore: 5 });
  });

  test('change or lose their moment and keep their place', () => {
    expect(withMoment(afterSequenceNumber('1', 5), 6)).toEqual(afterSequenceNumber('1', 6));
    expect(Object.keys(withMoment(afterSequenceNumber('1', 5), undefined))).toEqual(['at', 'sequenceNumber']);
  });
});

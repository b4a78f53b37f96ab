import fc from 'fast-check';
import {
  afterSequenceNumber,
  atSequenceNumber,
  type Position,
  shardEnd,
  trimHorizon,
} from '../../shared/core/position.ts';

const digits = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: length, maxLength: length });

/** Sequence numbers of the lengths that sources use and of short ones that collide, with and without leading zeros. */
export const sequenceNumbers: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom('', '0', '000'), fc.constantFrom(1, 2, 21, 22, 40, 56).chain(digits))
  .map(([zeros, number]) => zeros + number);

const moments = fc.option(fc.integer({ min: 0, max: 10 }), { nil: undefined });

/** Positions of one shard; sequence numbers are often equal. */
export const positions: fc.Arbitrary<Position> = fc.oneof(
  moments.map(trimHorizon),
  moments.map(shardEnd),
  fc.tuple(sequenceNumbers, moments).map(([number, moment]) => atSequenceNumber(number, moment)),
  fc.tuple(sequenceNumbers, moments).map(([number, moment]) => afterSequenceNumber(number, moment)),
);

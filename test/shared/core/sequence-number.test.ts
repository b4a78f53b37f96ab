import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MillraceError } from '../../../shared/core/errors.ts';
import { compareSequenceNumbers } from '../../../shared/core/sequence-number.ts';
import { sequenceNumbers } from '../../support/arbitraries.ts';

describe('sequence numbers (I7)', () => {
  test('compare as integers do, whatever their length and leading zeros', () => {
    fc.assert(
      fc.property(sequenceNumbers, sequenceNumbers, (a, b) => {
        const [left, right] = [BigInt(a), BigInt(b)];

        expect(Math.sign(compareSequenceNumbers(a, b))).toBe(left < right ? -1 : left > right ? 1 : 0);
      }),
      { numRuns: 1_000 },
    );
  });

  test('of 22 digits come after those of 21, though text says otherwise', () => {
    expect(compareSequenceNumbers(`1${'0'.repeat(21)}`, '9'.repeat(21))).toBeGreaterThan(0);
  });

  test('differ in their last digit alone', () => {
    expect(compareSequenceNumbers(`${'7'.repeat(55)}1`, `${'7'.repeat(55)}2`)).toBeLessThan(0);
    expect(compareSequenceNumbers(`${'7'.repeat(55)}2`, `${'7'.repeat(55)}1`)).toBeGreaterThan(0);
  });

  test('may be nought, however it is written', () => {
    expect(compareSequenceNumbers('0', '000')).toBe(0);
    expect(compareSequenceNumbers('000', '1')).toBeLessThan(0);
  });

  test.each(['', ' 1', '1 ', '-1', '1.5', '0x10', '1e3', 'LATEST'])('refuse %j, loudly and by name', (text) => {
    const refusal = new MillraceError(
      'invalid-record',
      `a sequence number must be a string of decimal digits, got ${JSON.stringify(text)}`,
    );

    expect(() => compareSequenceNumbers(text, '1')).toThrow(refusal);
    expect(() => compareSequenceNumbers('1', text)).toThrow(refusal);
  });
});

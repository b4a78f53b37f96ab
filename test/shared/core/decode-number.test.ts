import { NumberValueImpl } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeNumber, decodeNumbers } from '../../../shared/core/decode-number.ts';

const asText = (text: string) => new NumberValueImpl(text);

test.each([
  ['0', 0],
  ['-0', 0],
  ['0.0', 0],
  ['000', 0],
  ['7', 7],
  ['-7', -7],
  ['007', 7],
  ['3.5', 3.5],
  ['-0.25', -0.25],
  ['.5', 0.5],
  ['5.', 5],
  ['1.0', 1],
  ['1E2', 100],
  ['1e-2', 0.01],
  ['+3', 3],
  ['999999999999999', 999_999_999_999_999],
  ['0.1', 0.1],
  ['1.1', 1.1],
  ['123456.789012345', 123_456.789_012_345],
  ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ['-9007199254740991', -Number.MAX_SAFE_INTEGER],
  ['1.5E-7', 1.5e-7],
  ['1E-130', 1e-130],
])('%s is a number', (text, value) => {
  expect(decodeNumber(text)).toBe(value);
});

test.each([
  ['9007199254740992', 9_007_199_254_740_992n],
  ['-9007199254740993', -9_007_199_254_740_993n],
  ['1E20', 10n ** 20n],
  ['1.8E+19', 18n * 10n ** 18n],
  ['12300E18', 123n * 10n ** 20n],
  ['99999999999999999999999999999999999999', 99_999_999_999_999_999_999_999_999_999_999_999_999n],
  ['-9.9999999999999999999999999999999999999E+125', -99_999_999_999_999_999_999_999_999_999_999_999_999n * 10n ** 88n],
  ['1E129', 10n ** 129n],
])('%s is a bigint, since a double does not hold it', (text, value) => {
  expect(decodeNumber(text)).toBe(value);
});

test.each([
  '0.12345678901234567890',
  '9007199254740993.5',
  '9007199254740990.5',
  '3.14159265358979323846264338327950288',
  '1.00000000000000000001',
  '1E130',
  '-1E999999',
])('%s keeps its text, since neither a double nor a bigint holds it', (text) => {
  expect(decodeNumber(text)).toEqual(asText(text));
});

test.each(['', '-', '.', '-.', 'NaN', 'Infinity', '1.2.3', '1-2', '--1', '1E', '0x10', ' 1'])(
  '%j is no number, and kept as it is',
  (text) => {
    expect(decodeNumber(text)).toEqual(asText(text));
  },
);

test('a decimal of up to fifteen digits is the very double that JavaScript reads', () => {
  const decimal = fc
    .tuple(fc.constantFrom('', '-'), fc.stringMatching(/^\d{0,7}$/), fc.stringMatching(/^\d{1,6}$/))
    .map(([sign, whole, fraction]) => `${sign}${whole}.${fraction}`);
  fc.assert(
    fc.property(decimal, (text) => {
      expect(decodeNumber(text)).toBe(Number(text) + 0);
    }),
    { numRuns: 5_000 },
  );
});

test('a set of numbers has members of one kind, of which none has lost a digit', () => {
  expect(decodeNumbers(['1', '2.5'])).toEqual(new Set([1, 2.5]));
  expect(decodeNumbers(['1', '9007199254740993'])).toEqual(new Set([1n, 9_007_199_254_740_993n]));
  expect(decodeNumbers(['2.5', '9007199254740993'])).toEqual(new Set([asText('2.5'), asText('9007199254740993')]));
});

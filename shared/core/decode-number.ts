import { NumberValueImpl } from '@aws-sdk/util-dynamodb';

/** A number that no JavaScript number holds exactly: its text is in `value`, and `marshall` writes it back as N. */
export type NumberValue = InstanceType<typeof NumberValueImpl>;

export type DecodedNumber = number | bigint | NumberValue;

/** DynamoDB's largest magnitude is below 1E126. Longer integers cannot come from it and are kept as text. */
const MAX_DIGITS = 130;

/** A double holds every whole number of so many digits. */
const SURE_DIGITS = 15;

const DECIMAL = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,6}))?$/;

/**
 * Reads a number's text without losing a digit; `1.0` and `1E2` count as 1 and 100.
 *
 * A number where it is exact, a bigint for integers beyond 2^53, and the text itself otherwise. Never throws.
 */
export function decodeNumber(text: string): DecodedNumber {
  const plain = decodePlain(text);
  if (plain !== null) return plain;
  const value = Number(text);
  const isSafe = Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  const exact = decimal(text);
  if (exact === null) return asText(text);
  // Adding 0 makes -0 a plain 0.
  if (isSafe && isSame(exact, decimal(String(value)))) return value + 0;
  if (exact.exponent < 0 || exact.digits.length + exact.exponent > MAX_DIGITS) return asText(text);
  return BigInt(exact.sign + exact.digits + '0'.repeat(exact.exponent));
}

/**
 * Reads what nearly every number is, some digits and perhaps a point, at a third of what `Number` costs; `null` for any
 * other text. The digits and the power of ten are exact, so their quotient is the double nearest to the decimal.
 */
function decodePlain(text: string): number | null {
  const isNegative = text.charCodeAt(0) === MINUS;
  let digits = 0;
  let divisor = 0;
  if (text.length > SURE_DIGITS) return null;
  for (let place = isNegative ? 1 : 0; place < text.length; place++) {
    const code = text.charCodeAt(place);
    if (code >= ZERO && code <= NINE) {
      digits = digits * 10 + code - ZERO;
      divisor *= 10;
    } else if (code === POINT && divisor === 0) {
      divisor = 1;
    } else {
      return null;
    }
  }
  if (digits === 0) return text === '0' ? 0 : null;
  const value = divisor === 0 ? digits : digits / divisor;
  return isNegative ? -value : value;
}

const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NINE = 57;

/** Reads a number set so that its members are of one kind, as `marshall` needs them to write it back. */
export function decodeNumbers(texts: readonly string[]): Set<number> | Set<bigint> | Set<NumberValue> {
  const decoded = texts.map(decodeNumber);
  if (decoded.every((value) => typeof value === 'number')) return new Set(decoded);
  const areIntegers = decoded.every((value) => typeof value === 'bigint' || Number.isInteger(value));
  if (areIntegers) return new Set(decoded.map((value) => BigInt(value as number | bigint)));
  return new Set(texts.map(asText));
}

interface Decimal {
  readonly sign: '-' | '';
  /** Without zeros at either end; empty for zero. */
  readonly digits: string;
  readonly exponent: number;
}

function decimal(text: string): Decimal | null {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  if (whole + fraction === '') return null;
  const padded = (whole + fraction).replace(/^0+/, '');
  const digits = padded.replace(/0+$/, '');
  if (digits === '') return { sign: '', digits: '0', exponent: 0 };
  return {
    sign: sign === '-' ? '-' : '',
    digits,
    exponent: Number(exponent) - fraction.length + padded.length - digits.length,
  };
}

const isSame = (a: Decimal, b: Decimal | null): boolean =>
  b !== null && a.sign === b.sign && a.digits === b.digits && a.exponent === b.exponent;

const asText = (text: string): NumberValue => new NumberValueImpl(text);

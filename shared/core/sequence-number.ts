import { MillraceError } from './errors.ts';

const DIGITS = /^\d+$/;

/**
 * Compares two sequence numbers as integers, whatever their length: negative when `a` is older, 0 when equal.
 *
 * DynamoDB's have 21 to 40 digits and Kinesis's 56, so no JavaScript number holds them, and text order is wrong as
 * soon as the lengths differ.
 * @throws MillraceError `invalid-record` when either is not a string of decimal digits.
 */
export function compareSequenceNumbers(a: string, b: string): number {
  const left = withoutLeadingZeros(a);
  const right = withoutLeadingZeros(b);
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}

function withoutLeadingZeros(sequenceNumber: string): string {
  if (!DIGITS.test(sequenceNumber)) {
    throw new MillraceError(
      'invalid-record',
      `a sequence number must be a string of decimal digits, got ${JSON.stringify(sequenceNumber)}`,
    );
  }
  return sequenceNumber.replace(/^0+(?=\d)/, '');
}

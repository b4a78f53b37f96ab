import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cut, MAX_PAYLOAD_BYTES, payloadOf, settle } from '../../../shared/core/batch.ts';

const LAMBDA_PAYLOAD_BYTES = 6_291_456;

describe('a cut', () => {
  test('takes the longest leading run that fits, and a single record however large', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 }),
        fc.record({ records: fc.integer({ min: 1, max: 12 }), bytes: fc.integer({ min: 1, max: 120 }) }),
        (sizes, limits) => {
          const count = cut(sizes, limits);
          const bytesOf = (records: number) => sizes.slice(0, records).reduce((sum, size) => sum + size + 1, 0);

          expect(count).toBeGreaterThanOrEqual(1);
          expect(count).toBeLessThanOrEqual(limits.records);
          expect(count === 1 || bytesOf(count) <= limits.bytes).toBe(true);
          const isAll = count === sizes.length || count === limits.records;
          expect(isAll || bytesOf(count + 1) > limits.bytes).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('counts the comma after each record', () => {
    expect(cut([9, 9], { records: 10, bytes: 20 })).toBe(2);
    expect(cut([9, 9], { records: 10, bytes: 19 })).toBe(1);
  });

  test('of nothing is nothing', () => {
    expect(cut([], { records: 10, bytes: 20 })).toBe(0);
  });

  test('at the payload limit is an event that Lambda takes', () => {
    const body = JSON.stringify('x'.repeat(1_000));
    const bodies = Array.from({ length: 10_000 }, () => body);

    const count = cut(
      bodies.map((text) => Buffer.byteLength(text)),
      { records: 10_000, bytes: MAX_PAYLOAD_BYTES },
    );

    expect(Buffer.byteLength(payloadOf(bodies.slice(0, count)))).toBeLessThanOrEqual(LAMBDA_PAYLOAD_BYTES);
    expect(Buffer.byteLength(payloadOf(bodies.slice(0, count + 3)))).toBeGreaterThan(LAMBDA_PAYLOAD_BYTES);
  });
});

test('a payload is the event of its records, in order', () => {
  expect(JSON.parse(payloadOf(['{"a":1}', '{"b":2}']))).toEqual({ Records: [{ a: 1 }, { b: 2 }] });
  expect(JSON.parse(payloadOf([]))).toEqual({ Records: [] });
});

describe('an answer settles', () => {
  const failed = (...identifiers: readonly unknown[]) => ({
    batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })),
  });
  const UNKNOWN = 'which is not in the batch';

  /** What Lambda documents for ReportBatchItemFailures, on a batch of 100, 200 and 300. */
  const answers: readonly (readonly [string, unknown, number, string | null])[] = [
    ['everything where it is null', null, 3, null],
    ['everything where there is none', undefined, 3, null],
    ['everything where it is an empty text', '', 3, null],
    ['everything where it is a text', 'done', 3, null],
    ['everything where it is an empty object', {}, 3, null],
    ['everything where it is an object of another kind', { statusCode: 500 }, 3, null],
    ['everything where it is a list', [], 3, null],
    ['everything where its list is empty', { batchItemFailures: [] }, 3, null],
    ['everything where its list is null', { batchItemFailures: null }, 3, null],
    ['everything where its list is left out', { batchItemFailures: undefined }, 3, null],
    ['what comes before the record that failed', failed('200'), 1, 'the handler reported 200'],
    ['nothing where the first record failed', failed('100'), 0, 'the handler reported 100'],
    ['all but the last where that failed', failed('300'), 2, 'the handler reported 300'],
    ['what comes before the lowest of several', failed('300', '200'), 1, 'the handler reported 200'],
    ['what comes before the lowest, in any order', failed('200', '300'), 1, 'the handler reported 200'],
    ['nothing where a name is unknown', failed('250'), 0, `batchItemFailures names "250", ${UNKNOWN}`],
    ['nothing where one of several is unknown', failed('300', '7'), 0, `batchItemFailures names "7", ${UNKNOWN}`],
    ['nothing where a name is empty', failed(''), 0, `batchItemFailures names "", ${UNKNOWN}`],
    ['nothing where a name is null', failed(null), 0, `batchItemFailures names null, ${UNKNOWN}`],
    ['nothing where a name is a number', failed(200), 0, `batchItemFailures names 200, ${UNKNOWN}`],
    [
      'nothing where the key is another',
      { batchItemFailures: [{ id: '200' }] },
      0,
      `batchItemFailures names undefined, ${UNKNOWN}`,
    ],
    [
      'nothing where an entry is null',
      { batchItemFailures: [null] },
      0,
      `batchItemFailures names undefined, ${UNKNOWN}`,
    ],
    [
      'nothing where an entry is the identifier itself',
      { batchItemFailures: ['200'] },
      0,
      `batchItemFailures names undefined, ${UNKNOWN}`,
    ],
    ['nothing where the list is no list', { batchItemFailures: {} }, 0, 'batchItemFailures is not a list'],
    ['nothing where the list is a text', { batchItemFailures: '200' }, 0, 'batchItemFailures is not a list'],
  ];

  test.each(answers)('%s', (_title, response, settled, reason) => {
    expect(settle(['100', '200', '300'], response)).toEqual({ settled, reason });
  });

  test('the records before the lowest one named, whatever the batch', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 20 }),
        fc.infiniteStream(fc.nat()),
        (numbers, picks) => {
          const sequenceNumbers = numbers.map(String);
          const named = picks.take(3).map((pick) => sequenceNumbers[pick % sequenceNumbers.length]!);
          const identifiers = [...named];
          const lowest = Math.min(...identifiers.map((identifier) => sequenceNumbers.indexOf(identifier)));

          expect(settle(sequenceNumbers, failed(...identifiers)).settled).toBe(lowest);
        },
      ),
    );
  });
});

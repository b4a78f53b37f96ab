import { describe, expect, test } from 'vitest';
import {
  checkClock,
  checkDeadLetters,
  checkReaders,
  checkSchedule,
  checkStateTable,
  checkStream,
} from '../../../shared/core/operations-doctor.ts';

const TABLE = {
  status: 'ACTIVE',
  keys: ['pk', 'sk'],
  isOnDemand: true,
  limits: { reads: null, writes: null },
  replicas: [],
};
const STREAM = { streamArn: 'arn:1', isStreamOn: true, viewType: 'NEW_AND_OLD_IMAGES' };

describe('the state table', () => {
  test('is well with its keys, its time to live and on demand', () => {
    expect(checkStateTable(TABLE, 'removeAt').map(({ result }) => result)).toEqual(['ok']);
  });

  test.each([
    [{ ...TABLE, status: 'CREATING' }, 'removeAt', 'problem', 'it is CREATING'],
    [{ ...TABLE, keys: ['id'] }, 'removeAt', 'problem', 'its keys are id'],
    [{ ...TABLE, replicas: ['eu-west-1'] }, 'removeAt', 'problem', 'it is a global table (eu-west-1)'],
    [{ ...TABLE, isOnDemand: false }, 'removeAt', 'warning', 'it is provisioned'],
    [
      { ...TABLE, limits: { reads: null, writes: 5 } },
      'removeAt',
      'warning',
      'it may be given 5 writes a second at most',
    ],
    [TABLE, null, 'warning', 'its time to live is off'],
    [TABLE, 'ttl', 'warning', 'its time to live is ttl'],
    [null, null, 'problem', 'there is no such table in this region'],
  ] as const)('is not: %j, %s', (facts, ttl, result, detail) => {
    expect(checkStateTable(facts, ttl)).toMatchObject([{ result, detail, remedy: expect.any(String) }]);
  });
});

describe('a stream', () => {
  test.each([
    [STREAM, 'arn:1', 'ok'],
    [STREAM, null, 'ok'],
    [{ ...STREAM, viewType: 'KEYS_ONLY' }, 'arn:1', 'ok'],
    [STREAM, 'arn:0', 'warning'],
    [{ ...STREAM, isStreamOn: false }, 'arn:1', 'problem'],
    [{ ...STREAM, streamArn: null }, null, 'problem'],
    [null, 'arn:1', 'problem'],
  ] as const)('%j, read as %s, is %s', (facts, known, result) => {
    expect(checkStream(facts, known).result).toBe(result);
  });
});

test('two readers are well, one where replication reads, too, and more are a problem', () => {
  expect(checkReaders(['a', 'b'], []).result).toBe('ok');
  expect(checkReaders(['a', 'b', 'c'], []).result).toBe('problem');
  expect(checkReaders(['a'], ['eu-west-1']).result).toBe('ok');
  expect(checkReaders(['a', 'b'], ['eu-west-1']).result).toBe('problem');
});

describe('a schedule', () => {
  const enabled = { names: ['walk'], disabled: [] };

  test.each([
    [enabled, 30_000, false, 'ok'],
    [enabled, 600_000, true, 'ok'],
    [enabled, 600_000, false, 'problem'],
    [enabled, null, false, 'problem'],
    [{ names: [], disabled: [] }, 30_000, false, 'problem'],
    [{ names: ['walk'], disabled: ['walk'] }, 30_000, false, 'problem'],
  ] as const)('%j, with a walk %s ms ago, paused %s, is %s', (facts, ago, isPaused, result) => {
    expect(checkSchedule(facts, ago, isPaused).result).toBe(result);
  });
});

test('a clock may be off by five seconds', () => {
  expect(checkClock(4_000)).toMatchObject({ result: 'ok', detail: "within 4 s of AWS's" });
  expect(checkClock(9_000)).toMatchObject({ result: 'warning', detail: "9 s behind AWS's" });
  expect(checkClock(-9_000)).toMatchObject({ result: 'warning', detail: "9 s ahead of AWS's" });
  expect(checkClock(null).result).toBe('skipped');
});

test('what was given up is a problem', () => {
  expect(checkDeadLetters('s3://b', 0).result).toBe('ok');
  expect(checkDeadLetters('s3://b', 2)).toMatchObject({ result: 'problem', detail: '2 in s3://b' });
});

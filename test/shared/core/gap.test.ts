import { describe, expect, test } from 'vitest';
import {
  gapAt,
  gapRecord,
  type KnownHistory,
  mayHaveLost,
  positionText,
  STREAM_RETENTION_MS,
  vanishedShards,
} from '../../../shared/core/gap.ts';
import { afterSequenceNumber, atSequenceNumber, shardEnd, trimHorizon } from '../../../shared/core/position.ts';
import { HOUR, MINUTE, SECOND } from '../../support/durations.ts';
import { aGap, aLease } from '../../support/shards.ts';

const NOW = 100 * HOUR;
const LIFE = { generation: 1, stream: { arn: 'arn:stream', createdAtMs: 5 } };
const CONTINUE = { halts: false, delivers: false };

describe('a gap', () => {
  test('is the same gap when it is found again after a crash', () => {
    const first = gapAt('trimmed', LIFE, 'a', afterSequenceNumber('100'), NOW, CONTINUE);
    const again = gapAt('trimmed', LIFE, 'a', afterSequenceNumber('100'), NOW + HOUR, CONTINUE);

    expect(again.id).toBe(first.id);
  });

  test('is another at another place, of another shard, for another reason', () => {
    const ids = [
      gapAt('trimmed', LIFE, 'a', afterSequenceNumber('100'), NOW, CONTINUE),
      gapAt('trimmed', LIFE, 'a', atSequenceNumber('100'), NOW, CONTINUE),
      gapAt('trimmed', LIFE, 'a', trimHorizon(), NOW, CONTINUE),
      gapAt('trimmed', LIFE, 'b', trimHorizon(), NOW, CONTINUE),
      gapAt('shard-vanished', LIFE, 'a', trimHorizon(), NOW, CONTINUE),
    ].map((gap) => gap.id);

    expect(new Set(ids).size).toBe(ids.length);
  });

  test('is another in another generation, so that a rewind tells of it again, and of another stream', () => {
    const ids = [LIFE, { ...LIFE, generation: 2 }, { ...LIFE, stream: { ...LIFE.stream, createdAtMs: 6 } }].map(
      (life) => gapAt('trimmed', life, 'shardId-000000000000', trimHorizon(), NOW, CONTINUE).id,
    );

    expect(new Set(ids).size).toBe(ids.length);
  });

  test('that a shard vanished is known of its own generation and stream alone', () => {
    const gaps = [
      gapAt('shard-vanished', LIFE, 'a', trimHorizon(), NOW, CONTINUE),
      gapAt('trimmed', LIFE, 'b', trimHorizon(), NOW, CONTINUE),
      gapAt('shard-vanished', { ...LIFE, generation: 2 }, 'c', trimHorizon(), NOW, CONTINUE),
    ];

    expect([...vanishedShards(gaps, LIFE)]).toEqual(['a']);
  });

  test('says what was lost, after which position, and when that was seen', () => {
    expect(gapAt('shard-vanished', LIFE, 'a', afterSequenceNumber('100'), NOW, CONTINUE)).toEqual({
      id: 'shard-vanished:a:after-sequence-number(100):1@5',
      reason: 'shard-vanished',
      shardId: 'a',
      after: 'after-sequence-number(100)',
      detectedAtMs: NOW,
      status: 'reported',
    });
  });

  test.each([
    ['halts, whatever else is asked for', { halts: true, delivers: true }, 'halted'],
    ['halts without telling the handler', { halts: true, delivers: false }, 'halted'],
    ['is told to the handler', { halts: false, delivers: true }, 'undelivered'],
    ['is reported', { halts: false, delivers: false }, 'reported'],
  ])('%s', (_title, policy, status) => {
    expect(gapAt('trimmed', LIFE, 'a', trimHorizon(), NOW, policy).status).toBe(status);
  });

  test.each([
    [trimHorizon(5), 'trim-horizon'],
    [atSequenceNumber('100'), 'at-sequence-number(100)'],
    [afterSequenceNumber('100', 5), 'after-sequence-number(100)'],
    [shardEnd(), 'shard-end'],
  ])('names the position %j in words', (position, text) => {
    expect(positionText(position)).toBe(text);
  });
});

describe('trimmed data', () => {
  const HORIZON = NOW - 24 * HOUR + MINUTE;
  const history = (changes: Partial<KnownHistory>): KnownHistory => ({
    position: afterSequenceNumber('100'),
    caughtUpAtMs: null,
    generationStartedAtMs: HORIZON + 1,
    streamCreatedAtMs: HORIZON + 1,
    ...changes,
  });

  test('is a day old, less a minute for clocks that differ', () => {
    expect(STREAM_RETENTION_MS).toBe(24 * HOUR);
  });

  const histories: readonly (readonly [string, Partial<KnownHistory>, boolean])[] = [
    ['may be lost after a sequence number', {}, true],
    ['may be lost at the beginning of a shard with parents', { position: atSequenceNumber('100') }, true],
    ['is no loss where the shard was caught up since', { caughtUpAtMs: HORIZON + 10 * MINUTE + 1 }, false],
    ['may be lost where the shard was caught up hardly since', { caughtUpAtMs: HORIZON + 10 * MINUTE }, true],
    ['is no loss before a moment since', { position: afterSequenceNumber('100', HORIZON + 1) }, false],
    ['may be lost after a moment before', { position: afterSequenceNumber('100', HORIZON) }, true],
    ['is no loss of a root in a young generation', { position: trimHorizon(), streamCreatedAtMs: 0 }, false],
    ['is no loss of a root in a young stream', { position: trimHorizon(), generationStartedAtMs: 0 }, false],
    [
      'may be lost of a root that has waited a day',
      { position: trimHorizon(), generationStartedAtMs: HORIZON, streamCreatedAtMs: HORIZON },
      true,
    ],
    [
      'may be lost of a root whose generation was rewound to a moment a day ago, however young it is',
      { position: trimHorizon(HORIZON), generationStartedAtMs: NOW - HOUR, streamCreatedAtMs: 0 },
      true,
    ],
    [
      'is no loss of a root that waits for a moment since',
      { position: trimHorizon(HORIZON + 1), generationStartedAtMs: 0, streamCreatedAtMs: 0 },
      false,
    ],
  ];

  test.each(histories)('%s', (_title, changes, mayBeLost) => {
    expect(mayHaveLost(history(changes), NOW)).toBe(mayBeLost);
  });
});

describe('the record of a gap', () => {
  const gap = aGap({ id: 'trimmed:a:trim-horizon', detectedAtMs: 9 * SECOND + 999, status: 'undelivered' });

  test('is an event of Millrace’s own that an answer can name', () => {
    expect(gapRecord(aLease(), gap, 'arn:stream', 'eu-west-1')).toEqual({
      eventID: 'trimmed:a:trim-horizon',
      eventName: 'GAP',
      eventVersion: '1',
      eventSource: 'millrace',
      awsRegion: 'eu-west-1',
      eventSourceARN: 'arn:stream',
      dynamodb: { ApproximateCreationDateTime: 9, SequenceNumber: 'trimmed:a:trim-horizon' },
      millrace: {
        gap: {
          id: 'trimmed:a:trim-horizon',
          reason: 'trimmed',
          shardId: 'a',
          after: 'trim-horizon',
          detectedAtMs: 9 * SECOND + 999,
        },
      },
    });
  });

  test('carries the time of the last record before it', () => {
    const record = gapRecord(aLease({ lastRecordAtMs: 5 * SECOND + 1 }), gap, 'arn:stream', 'eu-west-1');

    expect(record.dynamodb.ApproximateCreationDateTime).toBe(5);
  });
});

import * as v from 'valibot';
import type { ShardGap } from './lease.ts';
import type { Position } from './position.ts';
import type { Start } from './subscription.ts';

const text = v.pipe(v.string(), v.minLength(1));
const whole = v.pipe(v.number(), v.safeInteger());
const digits = v.pipe(v.string(), v.regex(/^\d+$/));
const notBefore = v.exactOptional(whole);

const position: v.GenericSchema<unknown, Position> = v.variant('at', [
  v.object({ at: v.literal('trim-horizon'), notBefore }),
  v.object({ at: v.literal('at-sequence-number'), sequenceNumber: digits, notBefore }),
  v.object({ at: v.literal('after-sequence-number'), sequenceNumber: digits, notBefore }),
  v.object({ at: v.literal('shard-end'), notBefore }),
]);

const start: v.GenericSchema<unknown, Start> = v.variant('at', [
  v.object({ at: v.literal('trim-horizon') }),
  v.object({ at: v.literal('latest'), momentMs: whole }),
  v.object({ at: v.literal('time'), momentMs: whole }),
]);

const gap: v.GenericSchema<unknown, ShardGap> = v.object({
  id: text,
  reason: v.picklist(['trimmed', 'shard-vanished', 'parent-missing', 'stream-replaced']),
  shardId: text,
  after: v.string(),
  detectedAtMs: whole,
  status: v.picklist(['halted', 'undelivered', 'reported']),
  acceptedAtMs: v.exactOptional(whole),
});

const shard = v.object({
  shardId: text,
  parents: v.array(text),
  position,
  /** Whether it was ever read: then it needs no parents, and its position is its own. */
  isRead: v.boolean(),
  caughtUpAtMs: v.nullable(whole),
  lastRecordAtMs: v.nullable(whole),
  children: v.picklist(['unknown', 'not-visible', 'stored']),
  finishedAtMs: v.nullable(whole),
  gap: v.nullable(gap),
});

/** Positions as a file holds them. The format number is that of the file, and not of the state table. */
export const positionsSchema = v.object({
  format: v.pipe(v.number(), v.integer()),
  kind: v.literal('millrace-positions'),
  subscription: text,
  exportedAt: v.pipe(v.string(), v.isoTimestamp()),
  /** Where the generation began that the positions are of, and when. */
  start,
  startedAtMs: whole,
  /** The latest bootstrap or repair run that began: the versions of changes after it carry its number. */
  run: v.optional(v.pipe(whole, v.minValue(0)), 0),
  streams: v.array(
    v.object({
      arn: text,
      createdAtMs: whole,
      isReplacement: v.boolean(),
      isFirstListingComplete: v.boolean(),
      listedAtMs: whole,
      isDrained: v.boolean(),
      retentionMs: v.exactOptional(whole),
      shards: v.array(shard),
    }),
  ),
});

import * as v from 'valibot';
import type { LeaseRow } from './lease.ts';
import type { Position } from './position.ts';
import type { GapNotice } from './record.ts';
import type { Acceptance } from './recorded-gap.ts';
import type { ControlRow } from './subscription.ts';

const text = v.pipe(v.string('a text'), v.minLength(1, 'a text that is not empty'));
const whole = v.pipe(v.number('a whole number'), v.safeInteger('a whole number'));
const count = v.pipe(whole, v.minValue(0, 'a whole number from 0'));
const flag = v.boolean('true or false');
const digits = v.pipe(v.string('a sequence number'), v.regex(/^\d+$/, 'a sequence number'));
const orNull = <const S extends v.GenericSchema>(schema: S) => v.optional(v.nullable(schema), null);
const oneOf = <const T extends readonly string[]>(...allowed: T) =>
  v.picklist(allowed, `one of ${allowed.map((value) => JSON.stringify(value)).join(', ')}`);

const notBefore = v.optional(whole);
const position: v.GenericSchema<unknown, Position> = v.variant(
  'at',
  [
    v.object({ at: v.literal('trim-horizon'), notBefore }),
    v.object({ at: v.literal('at-sequence-number'), sequenceNumber: digits, notBefore }),
    v.object({ at: v.literal('after-sequence-number'), sequenceNumber: digits, notBefore }),
    v.object({ at: v.literal('after-item'), key: text, ordinal: count, notBefore }),
    v.object({ at: v.literal('shard-end'), notBefore }),
  ],
  '"trim-horizon", "at-sequence-number", "after-sequence-number", "after-item" or "shard-end"',
);

const gapNotice = {
  id: text,
  reason: oneOf('trimmed', 'shard-vanished', 'parent-missing', 'stream-replaced'),
  shardId: text,
  after: v.string('a text'),
  detectedAtMs: whole,
};

/** A lease's row: what its owner writes under `lease`, what others write beside it. */
export const leaseSchema: v.GenericSchema<
  unknown,
  {
    readonly sk: string;
    readonly claimant: string | null;
    /** Epoch seconds, as DynamoDB's TTL reads them. */
    readonly removeAt?: number;
    readonly lease: Omit<LeaseRow, 'shardId' | 'claimant' | 'removeAtMs'>;
  }
> = v.object({
  sk: v.pipe(v.string('a text'), v.regex(/^shard#./, '"shard#" and a shard id')),
  claimant: orNull(text),
  removeAt: v.optional(whole),
  lease: v.object(
    {
      parents: v.array(text, 'a list of shard ids'),
      position,
      owner: orNull(text),
      epoch: count,
      revision: count,
      expiresAtMs: whole,
      iterator: orNull(v.object({ value: text, issuedAtMs: whole }, 'an iterator with value and issuedAtMs')),
      emptyPages: count,
      caughtUpAtMs: orNull(whole),
      lastRecordAtMs: orNull(whole),
      children: oneOf('unknown', 'not-visible', 'stored'),
      gap: orNull(
        v.object(
          {
            ...gapNotice,
            status: oneOf('halted', 'undelivered', 'reported'),
            acceptedAtMs: v.exactOptional(whole),
          },
          'a gap with status and reason',
        ),
      ),
      attempts: count,
      finishedAtMs: orNull(whole),
      items: v.exactOptional(count),
    },
    'a lease',
  ),
});

/** A gap's row: what was found, once, and beside it who accepted it. */
export const gapSchema: v.GenericSchema<unknown, { readonly gap: GapNotice; readonly accepted?: Acceptance }> =
  v.object({
    gap: v.object(gapNotice, 'a gap with id and reason'),
    accepted: v.optional(v.object({ by: text, atMs: whole }, 'an acceptance with by and atMs')),
  });

const start = v.variant(
  'at',
  [
    v.object({ at: v.literal('trim-horizon') }),
    v.object({ at: v.literal('latest'), momentMs: whole }),
    v.object({ at: v.literal('time'), momentMs: whole }),
  ],
  '"trim-horizon", "latest" or "time"',
);

const phase = v.object(
  {
    kind: oneOf('streaming', 'scanning'),
    epoch: count,
    run: count,
    wantedRun: count,
    isRunDone: flag,
    segments: count,
    beganAtMs: whole,
    endsAtMs: whole,
    runBeganAtMs: v.exactOptional(whole),
    isWithdrawn: v.exactOptional(flag),
    slice: v.exactOptional(count),
    expectedItems: v.exactOptional(count),
    export: v.exactOptional(v.object({ arn: text, asOfMs: whole }, 'an export with arn and asOfMs')),
  },
  'a phase',
);

/** The subscription's own rows, told apart by `kind`. */
export const controlSchema: v.GenericSchema<unknown, ControlRow> = v.variant(
  'kind',
  [
    v.object({
      kind: v.literal('pointer'),
      revision: count,
      generation: count,
      start,
      startedAtMs: whole,
      isPaused: flag,
      isPreviousFree: flag,
      phase: v.optional(phase),
    }),
    v.object({
      kind: v.literal('stream'),
      revision: count,
      generation: count,
      stream: v.object({ arn: text, createdAtMs: whole }, 'a stream with arn and createdAtMs'),
      isReplacement: flag,
      isFirstListingComplete: flag,
      listedAtMs: whole,
      isDrained: flag,
      run: v.optional(count),
      removeAtMs: v.exactOptional(whole),
      retentionMs: v.optional(count),
    }),
    v.object({
      kind: v.literal('slot'),
      revision: count,
      worker: count,
      owner: orNull(text),
      expiresAtMs: whole,
      handOverAtMs: whole,
      waiter: orNull(text),
      waiterUntilMs: whole,
      lastSeenAtMs: whole,
    }),
    v.object({ kind: v.literal('lister'), revision: count, owner: orNull(text), expiresAtMs: whole }),
  ],
  '"pointer", "stream", "slot" or "lister"',
);

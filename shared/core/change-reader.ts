import type { Change } from './change.ts';
import { changedAttributes } from './changed.ts';
import { type DecodedItem, decodeItem } from './decode.ts';
import { MillraceError } from './errors.ts';
import { problemOf } from './kinesis-record.ts';
import type { EventRecord, RawItem } from './record.ts';
import { creationMicros, versionOf } from './version.ts';

/** A change of an item whose shape nobody has checked. */
export type AnyChange = Change<DecodedItem>;

export type Image = 'newImage' | 'oldImage';

export interface ChangeReading {
  /** The bootstrap run that counts where a record names none. */
  readonly run: number;
  /** What an image becomes when it is read first; may throw. Left out, an image is the decoded item. */
  readonly parse?: (item: DecodedItem, image: Image, record: EventRecord) => unknown;
}

/** Who deletes an item whose time to live is over, as Lambda's event names it. */
const TTL = { type: 'Service', principalId: 'dynamodb.amazonaws.com' };

interface Raw {
  readonly raw: EventRecord;
}
type Lazy = { readonly [name: string]: (change: Raw) => unknown };

/**
 * Makes a function that turns an event's record into a typed change.
 *
 * A change costs next to nothing until its keys or images are read: they are decoded then, once. The function throws
 * MillraceError `invalid-record` for a record that is neither a change of a table nor of Millrace.
 */
export function changeReader(reading: ChangeReading): (record: EventRecord) => AnyChange {
  const parse = reading.parse ?? ((item: DecodedItem) => item);
  const image = (name: Image) => (change: Raw) => parse(decodeItem(imageOf(change.raw, name)), name, change.raw);
  const common: Lazy = {
    approximateTime: ({ raw }) => new Date(creationMicros(raw.dynamodb.ApproximateCreationDateTime) / 1000),
    tableName: ({ raw }) => tableNameOf(raw),
  };
  const item: Lazy = {
    ...common,
    keys: ({ raw }) => decodeItem(raw.dynamodb.Keys ?? {}),
    version: ({ raw }) => versionOf(raw, reading.run),
  };
  const notice = prototype(common);
  const bound = prototype({ ...common, version: ({ raw }) => versionOf(raw, reading.run) });
  const insert = prototype({ ...item, newImage: image('newImage') });
  const modify = prototype({
    ...item,
    newImage: image('newImage'),
    oldImage: image('oldImage'),
    changed: ({ raw }) => changedAttributes(imageOf(raw, 'oldImage'), imageOf(raw, 'newImage')),
  });
  const remove = prototype({ ...item, oldImage: image('oldImage') });
  const runOf = (record: EventRecord) => ({ run: record.millrace?.run ?? reading.run });

  const read = (record: EventRecord): object => {
    switch (checked(record).eventName) {
      case 'INSERT':
        return itemChange(insert, 'insert', record);
      case 'MODIFY':
        return itemChange(modify, 'modify', record);
      case 'REMOVE':
        return Object.assign(itemChange(remove, 'remove', record), { expired: isExpired(record) });
      case 'SNAPSHOT':
        return Object.assign(itemChange(insert, 'snapshot', record), runOf(record));
      case 'SNAPSHOT_STARTED':
        return Object.assign(identified(bound, 'snapshotStarted', record), runOf(record));
      case 'SNAPSHOT_COMPLETE':
        return Object.assign(identified(bound, 'snapshotComplete', record), runOf(record));
      case 'GAP':
        return Object.assign(identified(notice, 'gap', record), { gap: gapOf(record) });
    }
  };
  return read as (record: EventRecord) => AnyChange;
}

/** A getter on a shared prototype is what keeps a change cheap; the first read leaves an ordinary property behind. */
function prototype(lazy: Lazy): object {
  const made = {};
  for (const [name, make] of Object.entries(lazy)) {
    Object.defineProperty(made, name, {
      get(this: Raw) {
        const value = make(this);
        Object.defineProperty(this, name, { value, enumerable: true });
        return value;
      },
    });
  }
  return made;
}

type Writable = { -readonly [name in keyof AnyChange]: AnyChange[name] } & {
  idempotencyKey: string;
  sizeBytes: number;
};

function identified(of: object, kind: AnyChange['kind'], record: EventRecord): Writable {
  const change: Writable = Object.create(of);
  change.kind = kind;
  change.eventId = record.eventID;
  change.sequenceNumber = record.dynamodb.SequenceNumber;
  change.region = record.awsRegion;
  change.streamArn = record.eventSourceARN;
  change.raw = record;
  return change;
}

function itemChange(of: object, kind: AnyChange['kind'], record: EventRecord): Writable {
  const change = identified(of, kind, record);
  change.idempotencyKey = record.eventID;
  change.sizeBytes = 'SizeBytes' in record.dynamodb ? record.dynamodb.SizeBytes : 0;
  return change;
}

const gapOf = (record: EventRecord) => (record.eventSource === 'millrace' ? record.millrace.gap : undefined);

function isExpired(record: EventRecord): boolean {
  if (!('userIdentity' in record)) return false;
  return record.userIdentity?.type === TTL.type && record.userIdentity.principalId === TTL.principalId;
}

function imageOf(record: EventRecord, image: Image): RawItem {
  const data: { readonly NewImage?: RawItem; readonly OldImage?: RawItem } = record.dynamodb;
  const raw = image === 'newImage' ? data.NewImage : data.OldImage;
  if (raw !== undefined) return raw;
  const view = 'StreamViewType' in record.dynamodb ? record.dynamodb.StreamViewType : 'unknown';
  throw new MillraceError(
    'handler',
    `the handler reads ${image} of a change that has none: the stream of table ${tableNameOf(record)} has the view type ${view}; name it in the handler's types, or give the table a stream with NEW_AND_OLD_IMAGES`,
  );
}

const NAMES = ['INSERT', 'MODIFY', 'REMOVE', 'SNAPSHOT', 'SNAPSHOT_STARTED', 'SNAPSHOT_COMPLETE', 'GAP'];

function checked(record: EventRecord): EventRecord {
  if (typeof record?.dynamodb?.SequenceNumber !== 'string' || typeof record.eventSourceARN !== 'string') {
    throw new MillraceError(
      'invalid-record',
      `a record must have dynamodb.SequenceNumber and eventSourceARN, as in the event of a DynamoDB stream, got ${JSON.stringify(record)?.slice(0, 200)}`,
    );
  }
  if (NAMES.includes(record.eventName)) return record;
  const problem = problemOf(record);
  if (problem) throw problem;
  throw new MillraceError(
    'invalid-record',
    `eventName must be one of ${NAMES.join(', ')}, got ${JSON.stringify(record.eventName)}`,
  );
}

/** `arn:aws:dynamodb:<region>:<account>:table/<name>/stream/<label>`; a record of the Kinesis feed names its table. */
export function tableNameOf(record: EventRecord): string {
  if ('tableName' in record && typeof record.tableName === 'string') return record.tableName;
  return record.eventSourceARN.split('/')[1] ?? '';
}

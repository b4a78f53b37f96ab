import type { Change, ChangeIdentity, ChangeKind } from './change.ts';
import { type AttributeChange, changedAttributes } from './changed.ts';
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

/**
 * Makes a function that turns an event's record into a typed change.
 *
 * A change costs next to nothing until its keys or images are read: they are decoded then, once. The function throws
 * MillraceError `invalid-record` for a record that is neither a change of a table nor of Millrace.
 */
export function changeReader({ run, parse = (item) => item }: ChangeReading): (record: EventRecord) => AnyChange {
  const read = (record: EventRecord): object => {
    checkPlace(record);
    switch (record.eventName) {
      case 'INSERT':
        return new Insert('insert', record, run, parse);
      case 'MODIFY':
        return new Modify('modify', record, run, parse);
      case 'REMOVE':
        return new Remove('remove', record, run, parse);
      case 'SNAPSHOT':
        return new Snapshot('snapshot', record, run, parse);
      case 'SNAPSHOT_STARTED':
        return new SnapshotBound('snapshotStarted', record, run);
      case 'SNAPSHOT_COMPLETE':
        return new SnapshotBound('snapshotComplete', record, run);
      case 'GAP':
        return new Gap('gap', record);
      default:
        throw unreadable(record);
    }
  };
  return read as (record: EventRecord) => AnyChange;
}

type Parse = NonNullable<ChangeReading['parse']>;

/** Stands where an image has not been read. */
const UNREAD = Symbol('unread');

class Identified implements ChangeIdentity {
  readonly kind: ChangeKind;
  readonly eventId: string;
  readonly sequenceNumber: string;
  readonly region: string;
  readonly streamArn: string;
  readonly raw: EventRecord;

  constructor(kind: ChangeKind, record: EventRecord) {
    this.kind = kind;
    this.eventId = record.eventID;
    this.sequenceNumber = record.dynamodb.SequenceNumber;
    this.region = record.awsRegion;
    this.streamArn = record.eventSourceARN;
    this.raw = record;
  }

  get approximateTime(): Date {
    return new Date(creationMicros(this.raw.dynamodb.ApproximateCreationDateTime) / 1000);
  }

  get tableName(): string {
    return tableNameOf(this.raw);
  }
}

class Gap extends Identified {
  readonly gap = this.raw.eventSource === 'millrace' ? this.raw.millrace.gap : undefined;
}

class SnapshotBound extends Identified {
  readonly run: number;

  constructor(kind: ChangeKind, record: EventRecord, run: number) {
    super(kind, record);
    this.run = record.millrace?.run ?? run;
  }

  get version(): string {
    return versionOf(this.raw, this.run);
  }
}

class OfItem extends Identified {
  readonly idempotencyKey: string;
  readonly sizeBytes: number;
  readonly #run: number;
  readonly #parse: Parse;
  #keys: DecodedItem | undefined;

  constructor(kind: ChangeKind, record: EventRecord, run: number, parse: Parse) {
    super(kind, record);
    this.idempotencyKey = record.eventID;
    this.sizeBytes = 'SizeBytes' in record.dynamodb ? record.dynamodb.SizeBytes : 0;
    this.#run = run;
    this.#parse = parse;
  }

  get keys(): DecodedItem {
    this.#keys ??= decodeItem(this.raw.dynamodb.Keys ?? {});
    return this.#keys;
  }

  get version(): string {
    return versionOf(this.raw, this.#run);
  }

  protected decoded(image: Image): unknown {
    return this.#parse(decodeItem(imageOf(this.raw, image)), image, this.raw);
  }
}

class Insert extends OfItem {
  #newImage: unknown = UNREAD;

  get newImage(): unknown {
    if (this.#newImage === UNREAD) this.#newImage = this.decoded('newImage');
    return this.#newImage;
  }
}

class Snapshot extends Insert {
  readonly run: number;

  constructor(kind: ChangeKind, record: EventRecord, run: number, parse: Parse) {
    super(kind, record, run, parse);
    this.run = record.millrace?.run ?? run;
  }
}

class Remove extends OfItem {
  #oldImage: unknown = UNREAD;
  readonly expired = isExpired(this.raw);

  get oldImage(): unknown {
    if (this.#oldImage === UNREAD) this.#oldImage = this.decoded('oldImage');
    return this.#oldImage;
  }
}

class Modify extends OfItem {
  #newImage: unknown = UNREAD;
  #oldImage: unknown = UNREAD;
  #changed: readonly AttributeChange[] | undefined;

  get newImage(): unknown {
    if (this.#newImage === UNREAD) this.#newImage = this.decoded('newImage');
    return this.#newImage;
  }

  get oldImage(): unknown {
    if (this.#oldImage === UNREAD) this.#oldImage = this.decoded('oldImage');
    return this.#oldImage;
  }

  get changed(): readonly AttributeChange[] {
    this.#changed ??= changedAttributes(imageOf(this.raw, 'oldImage'), imageOf(this.raw, 'newImage'));
    return this.#changed;
  }
}

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

function checkPlace(record: EventRecord): void {
  if (typeof record?.dynamodb?.SequenceNumber === 'string' && typeof record.eventSourceARN === 'string') return;
  throw new MillraceError(
    'invalid-record',
    `a record must have dynamodb.SequenceNumber and eventSourceARN, as in the event of a DynamoDB stream, got ${JSON.stringify(record)?.slice(0, 200)}`,
  );
}

const unreadable = (record: EventRecord): MillraceError =>
  problemOf(record) ??
  new MillraceError(
    'invalid-record',
    `eventName must be one of ${NAMES.join(', ')}, got ${JSON.stringify(record.eventName)}`,
  );

/** `arn:aws:dynamodb:<region>:<account>:table/<name>/stream/<label>`; a record of the Kinesis feed names its table. */
export function tableNameOf(record: EventRecord): string {
  if ('tableName' in record && typeof record.tableName === 'string') return record.tableName;
  return record.eventSourceARN.split('/')[1] ?? '';
}

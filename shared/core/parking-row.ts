import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { MillraceError } from './errors.ts';
import type { Marker, ParkedChange } from './parking.ts';
import type { EventRecord } from './record.ts';

/** The newest row format this release writes and reads. */
export const PARKING_FORMAT = 1;

/** A row, or a part of one, in DynamoDB's own attribute values. */
export type ParkingItem = Extract<Parameters<typeof unmarshall>[0], Record<string, unknown>>;

/**
 * The rows of the parking table:
 *
 * | pk | sk | what |
 * |---|---|---|
 * | `parked#<subscription>` | the hash of the item's name | the item's marker |
 * | `queue#<subscription>#<queue>` | `change#<number>` | a change that waits, its payload within or in chunks |
 * | | `event#<event id>` | that the event with this id waits |
 * | | `chunk#<number>#<write>#<index>` | a part of a large payload |
 */
export const markerPartition = (subscription: string): string => joined('parked', subscription);

export const markerKey = (subscription: string, itemHash: string): ParkingItem =>
  marshall({ pk: markerPartition(subscription), sk: itemHash });

export const queuePartition = (subscription: string, queue: string): string => joined('queue', subscription, queue);

const queueKey = (subscription: string, queue: string, ...sk: readonly string[]): ParkingItem =>
  marshall({ pk: queuePartition(subscription, queue), sk: joined(...sk) });

export const changeKey = (subscription: string, queue: string, number: number): ParkingItem =>
  queueKey(subscription, queue, 'change', digits(number));
export const eventKey = (subscription: string, queue: string, eventId: string): ParkingItem =>
  queueKey(subscription, queue, 'event', eventId);
export const chunkKey = (subscription: string, queue: string, number: number, payload: Chunked, index: number) =>
  queueKey(subscription, queue, 'chunk', digits(number), payload.write, digits(index));
/** The keys of a row that was read. */
export const keyOfRow = ({ pk, sk }: ParkingItem): ParkingItem => ({ ...(pk && { pk }), ...(sk && { sk }) });
/** What the sort keys of one payload's chunks begin with. */
export const chunkPrefix = (number: number, payload: Chunked): string =>
  `${joined('chunk', digits(number), payload.write)}#`;
/** What the sort keys of all chunks begin with. */
export const CHUNKS = 'chunk#';

/** A payload in rows of its own: so many, written together under one id. */
export interface Chunked {
  readonly chunks: number;
  readonly write: string;
}

/** A change's payload: compressed bytes, or where its chunks are. */
export type Payload = Uint8Array | Chunked;

/** The marker's own attribute: what a condition compares, and what a write that is found done is known by. */
export const markerValue = (marker: Marker): ParkingItem[string] => ({ M: marshall(marker) });

/** A marker's row without its keys. */
export const markerItem = (marker: Marker): ParkingItem => ({
  ...marshall({ format: PARKING_FORMAT }),
  marker: markerValue(marker),
});

/** The condition that the marker is as it was read. */
export const asRead = (marker: Marker | null) =>
  marker === null
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : {
        ConditionExpression: '#marker.#queue = :queue and #marker.#revision = :revision',
        ExpressionAttributeNames: { '#marker': 'marker', '#queue': 'queue', '#revision': 'revision' },
        ExpressionAttributeValues: marshall({ ':queue': marker.queue, ':revision': marker.revision }),
      };

export const changeItem = (
  subscription: string,
  queue: string,
  change: ParkedChange,
  payload: Payload,
): ParkingItem => {
  const { record: _payload, ...rest } = change;
  return {
    ...changeKey(subscription, queue, change.number),
    ...marshall({ format: PARKING_FORMAT, change: rest, payload }),
  };
};

export const eventItem = (subscription: string, queue: string, change: ParkedChange): ParkingItem => ({
  ...eventKey(subscription, queue, change.record.eventID),
  ...marshall({ format: PARKING_FORMAT, number: change.number }),
});

const text = v.string('a text');
const whole = v.pipe(v.number('a whole number'), v.safeInteger('a whole number'));
const place = v.object(
  { stream: text, sequenceNumber: text, run: whole, isSnapshot: v.boolean('true or false') },
  'a place with stream and sequenceNumber',
);
const markerSchema: v.GenericSchema<unknown, { readonly marker: Marker }> = v.object({
  marker: v.object(
    {
      item: text,
      queue: text,
      revision: whole,
      head: whole,
      headPlace: place,
      next: whole,
      parkedAtMs: whole,
      error: text,
      failedRedrives: whole,
      lease: v.nullable(v.object({ owner: text, untilMs: whole }, 'a lease with owner and untilMs')),
    },
    'a marker',
  ),
});
const changeSchema: v.GenericSchema<
  unknown,
  { readonly change: Omit<ParkedChange, 'record'>; readonly payload: Payload }
> = v.object({
  change: v.object(
    { number: whole, place, parkedAtMs: whole, error: v.nullable(text) },
    'a change with number and place',
  ),
  payload: v.union(
    [v.instance(Uint8Array), v.object({ chunks: whole, write: text })],
    'bytes, or the number and the id of chunks',
  ),
});

/** @throws MillraceError `invalid-state` when the row is of a newer format or not what Millrace writes. */
export const markerOf = (item: ParkingItem): Marker => read(item, markerSchema).marker;

/** @throws MillraceError `invalid-state` when the row is of a newer format or not what Millrace writes. */
export const storedChange = (item: ParkingItem) => read(item, changeSchema);

/** A change with the payload that was unpacked. @throws MillraceError `invalid-state` when it is no record. */
export function parkedChange(stored: Omit<ParkedChange, 'record'>, json: string): ParkedChange {
  const record: unknown = JSON.parse(json);
  if (typeof record === 'object' && record !== null && 'eventID' in record) {
    return { ...stored, record: record as EventRecord };
  }
  throw new MillraceError('invalid-state', `the payload of parked change ${stored.number} is no record of a stream`);
}

function read<const S extends v.GenericSchema>(item: ParkingItem, schema: S): v.InferOutput<S> {
  const name = `the row ${JSON.stringify(item.pk?.S ?? null)}, ${JSON.stringify(item.sk?.S ?? null)} of the parking table`;
  const row = unmarshall(item);
  if (typeof row.format === 'number' && row.format > PARKING_FORMAT) {
    throw new MillraceError(
      'invalid-state',
      `${name} has format ${row.format}, and this release of Millrace reads formats up to ${PARKING_FORMAT}: deploy the newer release`,
    );
  }
  const result = v.safeParse(schema, row, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new MillraceError(
    'invalid-state',
    `${name} is malformed: ${v.getDotPath(issue) ?? 'the row'} must be ${issue.message}`,
  );
}

/** `#` separates, so the parts must not hold it. */
const joined = (...parts: readonly string[]): string =>
  parts.map((part) => part.replace(/[#%]/g, encodeURIComponent)).join('#');

const digits = (number: number): string => String(number).padStart(12, '0');

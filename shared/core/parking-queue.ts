import { itemOf } from './change.ts';
import type { Marker, ParkedChange, Place } from './parking.ts';
import type { EventRecord } from './record.ts';
import { compareSequenceNumbers } from './sequence-number.ts';
import { streamCreatedAtMs } from './version.ts';

/**
 * A record's item with its table, as text that a person can read; `null` for a record that cannot be parked, because it
 * is about no item or is not what a stream delivers.
 */
export function parkedItemOf(record: EventRecord): string | null {
  const isWhole = typeof record?.eventSourceARN === 'string' && typeof record.eventID === 'string';
  const key = isWhole ? itemOf(record) : null;
  if (key === null) return null;
  const table = record.eventSourceARN.replace(/\/stream\/.*$/, '');
  return `${table} ${key}`;
}

export const placeOf = (record: EventRecord): Place => ({
  stream: record.eventSourceARN,
  sequenceNumber: record.dynamodb.SequenceNumber,
  run: record.millrace?.run ?? 0,
  isSnapshot: record.eventSource === 'millrace',
});

/**
 * Whether one change of an item certainly arrived before another, so that it was settled when the other was parked.
 *
 * Changes of one stream arrive in the order of their sequence numbers. A stream's changes arrive before those of a
 * stream that was created later, where the ARNs tell. A snapshot comes before every change that carries its run or a later
 * one. No change certainly comes before a snapshot: a run begins also where the subscription lags, and what is behind then
 * carries an earlier run, and comes after the run's items.
 */
export function isBefore(place: Place, other: Place): boolean {
  if (place.stream !== other.stream) {
    const [created, otherCreated] = [streamCreatedAtMs(place.stream), streamCreatedAtMs(other.stream)];
    return created > 0 && otherCreated > 0 && created < otherCreated;
  }
  if (!place.isSnapshot && !other.isSnapshot) {
    return compareSequenceNumbers(place.sequenceNumber, other.sequenceNumber) < 0;
  }
  if (!place.isSnapshot) return false;
  return place.run < other.run || (place.run === other.run && !other.isSnapshot);
}

/** What a change is to its item's queue: handled before it began, or to be put at its end unless it is in it. */
export function arrivalAt({ headPlace }: Marker, record: EventRecord): 'handled' | 'waits' {
  return isBefore(placeOf(record), headPlace) ? 'handled' : 'waits';
}

/** A change as it will wait in its queue. */
export interface Arrival {
  readonly item: string;
  readonly record: EventRecord;
  readonly error: string | null;
  readonly nowMs: number;
}

/** The marker of a queue that begins with this change. `lease` keeps redrives away from a call that may still run. */
export const begunBy = (arrival: Arrival, queue: string, lease: Marker['lease']): Marker => ({
  item: arrival.item,
  queue,
  revision: 1,
  head: 1,
  headPlace: placeOf(arrival.record),
  next: 2,
  parkedAtMs: arrival.nowMs,
  error: firstLine(arrival.error ?? ''),
  failedRedrives: 0,
  lease,
});

/** The marker with one change more at the queue's end. */
export const joinedBy = (marker: Marker): Marker => ({
  ...marker,
  revision: marker.revision + 1,
  next: marker.next + 1,
});

/** The change as the last of the queue that this marker describes. */
export const lastOf = (marker: Marker, { record, error, nowMs }: Arrival): ParkedChange => ({
  number: marker.next - 1,
  place: placeOf(record),
  parkedAtMs: nowMs,
  error,
  record,
});

export const waitingIn = (marker: Marker): number => marker.next - marker.head;

/** The marker held by this owner until then; `null` while another holds it. */
export function leasedBy(marker: Marker, owner: string, nowMs: number, untilMs: number): Marker | null {
  if (marker.lease !== null && marker.lease.owner !== owner && nowMs < marker.lease.untilMs) return null;
  return { ...marker, revision: marker.revision + 1, lease: { owner, untilMs } };
}

export const released = (marker: Marker): Marker => ({ ...marker, revision: marker.revision + 1, lease: null });

/** The marker when its oldest change has failed again. */
export const failedAgain = (marker: Marker, error: string): Marker => ({
  ...marker,
  revision: marker.revision + 1,
  error: firstLine(error),
  failedRedrives: marker.failedRedrives + 1,
});

/** The marker when its oldest change is settled and this one is the oldest; `null`, which frees the item, when none is. */
export const advancedTo = (marker: Marker, oldest: ParkedChange | null): Marker | null =>
  oldest && {
    ...marker,
    revision: marker.revision + 1,
    head: oldest.number,
    headPlace: oldest.place,
    error: firstLine(oldest.error ?? 'not tried yet: it waited behind another change'),
    failedRedrives: 0,
  };

const LINE_LENGTH = 300;

const firstLine = (text: string): string => text.split('\n', 1).join('').slice(0, LINE_LENGTH);

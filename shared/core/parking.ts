import type { Clock } from './ports.ts';
import type { EventRecord } from './record.ts';

/** The environment variables that tell a function where it parks: set where the table and its grants are made. */
export const PARKING_ENV = {
  /** The name of the parking table. Set on a function whose code has no parking, it makes the first log line a warning. */
  table: 'MILLRACE_PARKING_TABLE',
  /** Whose parked changes they are; the name of the function where it is not set. Keep it when the function is replaced. */
  subscription: 'MILLRACE_SUBSCRIPTION',
} as const;

/** The attributes of the parking table that its owner must declare; both are strings. It has no TTL: nothing expires. */
export const PARKING_TABLE_KEYS = { partition: 'pk', sort: 'sk' } as const;

/** What the function's role may do with the table, and nothing else. The operator's commands need the same. */
export const PARKING_TABLE_ACTIONS = [
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:DeleteItem',
  'dynamodb:Query',
] as const;

/** The parking table as CreateTable takes it. */
export const parkingTableDefinition = (tableName: string) => ({
  TableName: tableName,
  BillingMode: 'PAY_PER_REQUEST' as const,
  AttributeDefinitions: [
    { AttributeName: PARKING_TABLE_KEYS.partition, AttributeType: 'S' as const },
    { AttributeName: PARKING_TABLE_KEYS.sort, AttributeType: 'S' as const },
  ],
  KeySchema: [
    { AttributeName: PARKING_TABLE_KEYS.partition, KeyType: 'HASH' as const },
    { AttributeName: PARKING_TABLE_KEYS.sort, KeyType: 'RANGE' as const },
  ],
});

/** One invocation as parking sees it. */
export interface ParkingInvocation {
  /** What is left of the invocation; `Infinity` outside Lambda. */
  readonly remainingMs: () => number;
  readonly log: (level: 'error' | 'debug', text: string, details: { readonly [name: string]: unknown }) => void;
  /** Counts one change more for the metrics. */
  readonly count: (what: 'parked' | 'redriven' | 'failed') => void;
  /** Told of every change that waits, and so was not handled. */
  readonly waits: (record: EventRecord) => void;
  /** Tells how many items are parked; 25 stands for 25 or more. */
  readonly parkedItems: (items: number) => void;
}

/** What tells a call that its time is over: its signal aborts when nobody waits for it any more. */
export interface CallEnd {
  readonly signal: AbortSignal;
}

/** Stands between the changes of one invocation and the user's functions. */
export interface ParkingGuard {
  /**
   * Calls the user's function for one change, and settles the change in one way or another.
   *
   * It throws, or rejects, where nothing may be parked: then the batch fails at this change. The call is made at once
   * where the item is known to be free, so that nothing waits where nothing is parked.
   */
  readonly settle: (record: EventRecord, call: (end: CallEnd) => unknown) => unknown;
  /**
   * The same for a function that takes many changes, each about an item. `call` is given places in `records`, in order,
   * and resolves with those that the function could not settle. Resolves with the first place that is not settled.
   */
  readonly settleAll: (
    records: readonly EventRecord[],
    call: (places: readonly number[], end: CallEnd) => Promise<readonly number[]>,
  ) => Promise<Unsettled | null>;
}

export interface Unsettled {
  readonly place: number;
  readonly error: unknown;
}

/** What a handler knows of parking. */
export interface Parking {
  /** Begins an invocation with one read of what is parked; `null` where there is nothing to park in. */
  readonly begin: (invocation: ParkingInvocation) => Promise<ParkingGuard | null>;
  /** Handles parked changes again, oldest first per item, as far as the invocation's time goes. */
  readonly redrive: (
    request: unknown,
    invocation: ParkingInvocation,
    handle: (record: EventRecord, end: CallEnd) => unknown,
  ) => Promise<RedriveResult>;
}

/** What a redrive came to. */
export interface RedriveResult {
  /** Changes that were handled. */
  readonly redriven: number;
  /** Items of which nothing is parked any more. */
  readonly freed: number;
  /** Items whose oldest change failed again. */
  readonly failed: readonly { readonly item: string; readonly eventId: string; readonly error: string }[];
  /** Items that another redrive holds, or whose oldest change may still be running. */
  readonly held: number;
  /** Items that were named, and of which nothing waits. */
  readonly notParked: number;
  /** Items that were not tried: the time was over, or so many others failed that it looks like an outage. */
  readonly left: number;
}

/** Where a change stands among all that arrive for its item. */
export interface Place {
  readonly stream: string;
  readonly sequenceNumber: string;
  /** The bootstrap run that the record carries; 0 where it carries none. */
  readonly run: number;
  readonly isSnapshot: boolean;
}

/** That an item is parked: the head of its queue, and the counter that numbers what comes. */
export interface Marker {
  /** The item's table and key as text, as `parkedItemOf` gives it. */
  readonly item: string;
  /** One life of the queue: an item that was freed and is parked again has another. */
  readonly queue: string;
  /** Counts the writes of this marker. */
  readonly revision: number;
  /** The number of the oldest change that waits. */
  readonly head: number;
  readonly headPlace: Place;
  /** The number that the next change gets. */
  readonly next: number;
  /** When the first change of this queue was parked. */
  readonly parkedAtMs: number;
  /** Why the oldest change failed last, in one line. */
  readonly error: string;
  readonly failedRedrives: number;
  /** Who redrives the item, or may still be running its oldest change; `null`: nobody. */
  readonly lease: { readonly owner: string; readonly untilMs: number } | null;
}

/** A change that waits. */
export interface ParkedChange {
  readonly number: number;
  readonly place: Place;
  readonly parkedAtMs: number;
  /** Why it was parked, with the stack; `null` for one that waits behind another. */
  readonly error: string | null;
  readonly record: EventRecord;
}

export interface MarkerPage {
  readonly markers: readonly Marker[];
  /** Where the next page starts; `null` at the last. */
  readonly next: string | null;
}

/**
 * Keeps the parked changes of one subscription.
 *
 * Reads are strongly consistent. Every write is atomic, and conditional on the marker's queue and revision as they were
 * read; it answers false when they are no more, and the caller reads again. A call that throws may or may not have taken
 * place.
 */
export interface ParkingStore {
  /** Markers in no order that matters, at most `limit` a page. */
  readonly markers: (limit: number, from: string | null) => Promise<MarkerPage>;
  readonly marker: (item: string) => Promise<Marker | null>;
  /** Whether a change with this event id waits in the marker's queue. */
  readonly holds: (marker: Marker, eventId: string) => Promise<boolean>;
  /** The change with this number in the marker's queue. */
  readonly change: (marker: Marker, number: number) => Promise<ParkedChange | null>;
  /** Stores the change and the marker that names it; `previous` is `null` for the first of a queue. */
  readonly park: (previous: Marker | null, next: Marker, change: ParkedChange) => Promise<boolean>;
  /** Writes the marker alone. */
  readonly update: (previous: Marker, next: Marker) => Promise<boolean>;
  /** Removes the oldest change together with its marker's step to the next one, or with the marker (`null`). */
  readonly settle: (previous: Marker, next: Marker | null, change: ParkedChange) => Promise<boolean>;
}

/** What parking is made of. */
export interface ParkingPorts {
  readonly store: ParkingStore;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Gives numbers from 0 up to 1, to spread repeats. */
  readonly random: () => number;
}

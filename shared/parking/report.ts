import type { ParkingInvocation } from '../core/parking.ts';
import type { EventRecord } from '../core/record.ts';
import { identityOf } from '../handler/identity.ts';

/** What parking did. */
export type ParkingEvent =
  /** The change failed `attempts` times and waits now, the first of its item. */
  | { readonly kind: 'parked'; readonly record: EventRecord; readonly attempts: number; readonly error: unknown }
  /** The change waits behind an older one of its item. */
  | { readonly kind: 'queued'; readonly record: EventRecord; readonly waiting: number }
  /** The change came again although it waits already, or was handled before what waits. */
  | { readonly kind: 'acknowledged'; readonly record: EventRecord; readonly reason: 'waits' | 'handled' }
  /** A parked change was handled. */
  | { readonly kind: 'redriven'; readonly record: EventRecord; readonly waiting: number }
  /** A parked change failed again: it and what is behind it stay. */
  | { readonly kind: 'redrive-failed'; readonly record: EventRecord; readonly error: unknown };

/** Logs and counts it. A change that merely waits, or waited, is a line only for those who debug: there may be many. */
export function report({ log, count, waits }: ParkingInvocation, { kind, record, ...details }: ParkingEvent): void {
  const isKnownToWait = 'reason' in details && details.reason === 'waits';
  if (kind === 'parked' || kind === 'queued' || isKnownToWait) waits(record);
  if (kind === 'parked' || kind === 'queued') count('parked');
  if (kind === 'redriven') count('redriven');
  if (kind === 'parked' || kind === 'redrive-failed') count('failed');
  log('error' in details ? 'error' : 'debug', TEXTS[kind], { change: identityOf(record), ...details });
}

const TEXTS: { readonly [kind in ParkingEvent['kind']]: string } = {
  parked: 'a change kept failing and is parked',
  queued: 'a change is parked behind an older one of its item',
  acknowledged: 'a change came again that is parked or was handled',
  redriven: 'a parked change was handled',
  'redrive-failed': 'a parked change failed again and stays',
};

import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { parkingTableStore } from './aws/parking-table.ts';
import { systemClock } from './clock.ts';
import { MillraceError } from './core/errors.ts';
import { PARKING_ENV, type Parking, type ParkingPorts } from './core/parking.ts';
import type { ParkingLimits } from './core/parking-limits.ts';
import { parkingOf } from './parking/parking-of.ts';

export type { Parking, RedriveResult } from './core/parking.ts';
export type { ParkingLimits } from './core/parking-limits.ts';
export { redriveEvent } from './core/redrive-event.ts';
export { retryLater } from './core/retry-later.ts';
export { type Discarded, discardParked, type ParkedItem, parkedItems } from './parking/operator.ts';

/** Where parked changes are. */
export interface ParkingLocation {
  /** @default - the environment variable MILLRACE_PARKING_TABLE */
  readonly tableName?: string;
  /**
   * Whose parked changes they are: handlers with different names do not see each other's.
   * @default - the environment variable MILLRACE_SUBSCRIPTION, or the function's name
   */
  readonly subscription?: string;
  /** @default - a client of the function's own region and role */
  readonly client?: DynamoDBClient;
}

/**
 * Parks changes that keep failing in a DynamoDB table, for `changeHandler(functions, { parking: parkingTable() })`.
 *
 * The table is found when the first event comes. In Lambda an event without one fails; elsewhere, as in a unit test,
 * nothing is parked.
 * @throws MillraceError `invalid-request` for a limit out of range.
 */
export function parkingTable(options: ParkingLocation & ParkingLimits = {}): Parking {
  let ports: ParkingPorts | null | undefined;
  return parkingOf(() => {
    if (ports === undefined) {
      const isNowhere = tableOf(options) === undefined && process.env.AWS_LAMBDA_FUNCTION_NAME === undefined;
      ports = isNowhere ? null : parkingPorts(options);
    }
    return ports;
  }, options);
}

/**
 * What the operator's functions, `parkedItems` and `discardParked`, work on.
 * @throws MillraceError `invalid-request` when nothing names the table.
 */
export function parkingPorts(location: ParkingLocation = {}): ParkingPorts {
  const { env } = process;
  const tableName = tableOf(location);
  if (tableName === undefined) {
    throw new MillraceError(
      'invalid-request',
      `tableName, or the environment variable ${PARKING_ENV.table}, must name the parking table, got nothing: give the subscription parking: true`,
    );
  }
  const subscription =
    location.subscription ?? (env[PARKING_ENV.subscription] || env.AWS_LAMBDA_FUNCTION_NAME) ?? 'direct';
  const client = location.client ?? new DynamoDBClient({ maxAttempts: 5 });
  return {
    store: parkingTableStore({ client, tableName, subscription }),
    clock: systemClock,
    newId: randomUUID,
    random: Math.random,
  };
}

const tableOf = ({ tableName }: ParkingLocation): string | undefined =>
  tableName ?? (process.env[PARKING_ENV.table] || undefined);

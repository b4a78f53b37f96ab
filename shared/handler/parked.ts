import type { Logger } from '@aws-lambda-powertools/logger';
import { MillraceError } from '../core/errors.ts';
import {
  type CallEnd,
  PARKING_ENV,
  type Parking,
  type ParkingGuard,
  type ParkingInvocation,
  type RedriveResult,
} from '../core/parking.ts';
import type { EventRecord } from '../core/record.ts';
import { redriveIn } from '../core/redrive-event.ts';
import { handleInBulk } from './bulk.ts';
import { handle } from './each.ts';
import type { HandlerOptions } from './options.ts';
import type { Run } from './run.ts';
import { logThrown } from './thrown.ts';

export function warnOfUnusedParking(options: HandlerOptions, env: NodeJS.ProcessEnv, logger: () => Logger): void {
  const table = env[PARKING_ENV.table];
  if (options.parking !== undefined || !table) return;
  logger().warn(`the parking table ${table} is never used: changeHandler has no option "parking"`);
}

export const guardOf = async (run: Run, parking: Parking | undefined): Promise<ParkingGuard | null> =>
  parking === undefined ? null : parking.begin(invocationOf(run));

/** Answers a redrive event; `undefined` for any other. */
export async function redriven(
  run: Run,
  event: object,
  parking: Parking | undefined,
): Promise<RedriveResult | undefined> {
  const request = redriveIn(event);
  if (request === undefined) return undefined;
  const bulk = run.router.batch ?? run.router.batchPerItem;
  const redo = (record: EventRecord, end: CallEnd) =>
    bulk ? handleInBulk(run, record, bulk, end) : handle(run, record, end);
  if (parking) return parking.redrive(request, invocationOf(run), redo);
  throw new MillraceError('handler', 'the handler was asked to redrive, and changeHandler has no option "parking"');
}

const invocationOf = ({ contextOf, logger, tally }: Run): ParkingInvocation => ({
  remainingMs: contextOf([]).remainingMs,
  log: (level, text, details) =>
    level === 'error' ? logThrown(logger(), text, details) : logger()[level](text, details),
  count: (what) => {
    tally[what] = (tally[what] ?? 0) + 1;
  },
  waits: (record) => tally.waiting.add(record),
  parkedItems: (items) => {
    tally.parkedItems = items;
  },
});

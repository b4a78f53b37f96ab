import type { Logger } from '@aws-lambda-powertools/logger';
import { DEDUPLICATE_ENV, type Sieve } from '../core/deduplicate.ts';
import type { EventRecord } from '../core/record.ts';
import type { HandlerOptions } from './options.ts';
import { noteFailure, type Run } from './run.ts';

/** The records of an event that are to be handled, by their places in it. */
export interface Sifted {
  readonly sieve: Sieve | null;
  readonly records: readonly EventRecord[];
  /** The place in the event of each of `records`. */
  readonly places: readonly number[];
}

export function warnOfUnused(options: HandlerOptions, env: NodeJS.ProcessEnv, logger: () => Logger): void {
  const table = env[DEDUPLICATE_ENV.table];
  if (options.deduplicate !== undefined || !table) return;
  logger().warn(`the table ${table} is never used: changeHandler has no option "deduplicate"`);
}

/** Leaves out what has been settled before, or is older than what has. */
export async function sifted(
  records: readonly EventRecord[],
  deduplicate: HandlerOptions['deduplicate'],
): Promise<Sifted> {
  const sieve = deduplicate === undefined ? null : await deduplicate.begin(records);
  const places = [...records.keys()].filter((place) => sieve === null || sieve.verdicts[place] === 'deliver');
  return { sieve, places, records: sieve === null ? records : places.map((place) => records[place]!) };
}

/**
 * Keeps what was settled, before anybody is told that it was. Resolves with the place in the event of the first record
 * that is not settled, or `null`.
 */
export async function kept(
  run: Run,
  event: readonly EventRecord[],
  { sieve, places }: Sifted,
  failedAt: number | null,
): Promise<number | null> {
  const failedPlace = failedAt === null ? null : places[failedAt]!;
  if (sieve === null) return failedPlace;
  const failure = await sieve.accept(failedPlace ?? event.length);
  if (failure !== null) noteFailure(run, [event[failure.index]!], failure.error);
  const settled = failure?.index ?? failedPlace ?? event.length;
  for (const verdict of sieve.verdicts.slice(0, settled)) {
    if (verdict !== 'deliver') run.tally[verdict] = (run.tally[verdict] ?? 0) + 1;
  }
  return settled === event.length ? null : settled;
}

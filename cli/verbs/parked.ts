import type { Command } from 'commander';
import { MillraceError } from '../../shared/core/errors.ts';
import { PARKING_ENV, type ParkingPorts } from '../../shared/core/parking.ts';
import { discardParked, type ParkedItem, parkedItems, parkingPorts } from '../../shared/parking.ts';
import { EXIT, type ExitCode } from '../output/exit-code.ts';
import { isConfirmed } from '../output/question.ts';
import { tableText } from '../output/table.ts';
import { counted, durationText } from '../output/words.ts';
import { handlerOf } from './handler-of.ts';
import { refuse } from './refusal.ts';
import { type CommonOptions, type Session, sessionOf, withCommonOptions } from './session.ts';
import type { Run } from './verb.ts';

export interface ParkedOptions extends CommonOptions {
  readonly parkingTable?: string;
  readonly function?: string;
  readonly discard?: string;
  readonly oldest?: string;
  readonly yes?: boolean;
}

export const withParkingOptions = (command: Command): Command =>
  withCommonOptions(
    command
      .option('--parking-table <name>', 'the parking table (else MILLRACE_PARKING_TABLE, or as the handler has it)')
      .option('--function <name>', 'the handler (else as the mapping or the schedules of the subscription tell)'),
  );

export function parkedVerb(program: Command, run: Run): void {
  withParkingOptions(
    program
      .command('parked')
      .argument('<subscription>')
      .description('items that wait because their handler fails; ends with 1 while there are any')
      .option('--discard <item>', 'drop what waits of an item, as the list names it; prints each change that it drops')
      .option('--oldest <changes>', 'with --discard: only so many, the oldest first')
      .option('--yes', 'do it without asking'),
  ).action(run((subscription: string, options: ParkedOptions) => parked(sessionOf(options), subscription, options)));
}

async function parked(session: Session, subscription: string, options: ParkedOptions): Promise<ExitCode> {
  const ports = await parkingOf(session, subscription, options);
  if (options.discard !== undefined) return discard(session, subscription, ports, options.discard, options);
  const items = await parkedItems(ports.store);
  if (session.isJson) console.log(JSON.stringify({ subscription, items }));
  else
    console.log(items.length === 0 ? `nothing of ${subscription} is parked` : itemsText(items, session.clock.nowMs()));
  return items.length === 0 ? EXIT.ok : EXIT.findings;
}

/** Where a subscription's changes are parked: as the options say, or as its handler's environment does. */
export async function parkingOf(
  session: Session,
  subscription: string,
  options: Pick<ParkedOptions, 'parkingTable' | 'function'>,
): Promise<ParkingPorts> {
  const named = options.parkingTable ?? process.env[PARKING_ENV.table];
  const tableName =
    named ??
    (session.hasLambda ? (await handlerOf(subscription, options.function)).environment[PARKING_ENV.table] : undefined);
  if (tableName !== undefined) return parkingPorts({ tableName, subscription, client: session.dynamodb });
  throw new MillraceError(
    'invalid-request',
    `--parking-table must name the parking table of ${subscription}: its handler has no ${PARKING_ENV.table}, so it does not park`,
  );
}

function itemsText(items: readonly ParkedItem[], nowMs: number): string {
  return tableText(
    [
      { head: 'changes', align: 'right' },
      { head: 'waits for', align: 'right' },
      { head: 'redrives', align: 'right' },
      { head: 'item' },
      { head: 'error' },
    ],
    items.map(({ item, changes, parkedAtMs, failedRedrives, error }) => [
      String(changes),
      durationText(nowMs - parkedAtMs),
      String(failedRedrives),
      item,
      error,
    ]),
  );
}

async function discard(
  session: Session,
  subscription: string,
  ports: ParkingPorts,
  item: string,
  { oldest, yes }: ParkedOptions,
): Promise<ExitCode> {
  const most = mostOf(oldest);
  const what = oldest === undefined ? 'everything' : counted(most, 'change', 'changes');
  if (!(await isConfirmed(`Drop ${what} that waits of ${item}, unhandled, for good?`, yes === true))) {
    return refuse(session, subscription, { kind: 'not-confirmed' });
  }
  const result = await discardParked(ports, item, most, (record) => console.log(JSON.stringify(record)));
  if (result.kind !== 'discarded') {
    const why = result.kind === 'held' ? 'a redrive holds the item: try again later' : 'nothing of this item is parked';
    console.error(`nothing was changed: ${why}`);
    return EXIT.refused;
  }
  console.error(`dropped ${counted(result.changes, 'change', 'changes')}${result.isFree ? '; the item is free' : ''}`);
  return EXIT.ok;
}

function mostOf(oldest: string | undefined): number {
  if (oldest === undefined) return Number.POSITIVE_INFINITY;
  if (/^[1-9]\d{0,8}$/.test(oldest)) return Number(oldest);
  throw new MillraceError(
    'invalid-request',
    `--oldest must be a whole number from 1 on, got ${JSON.stringify(oldest)}`,
  );
}

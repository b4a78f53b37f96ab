import { type Command, Option } from 'commander';
import { errorMessage } from '../../shared/aws/errors.ts';
import { PARKING_ENV } from '../../shared/core/parking.ts';
import { EXIT, type ExitCode } from '../output/exit-code.ts';
import { inPlace } from '../output/screen.ts';
import { statusText } from '../output/status-text.ts';
import { refuse } from './refusal.ts';
import { secondsOf } from './seconds.ts';
import { type CommonOptions, type Session, sessionOf, withCommonOptions } from './session.ts';
import { type StatusDetail, type StatusReport, statusReport } from './status-report.ts';
import type { Run } from './verb.ts';

interface StatusOptions extends CommonOptions {
  readonly shards?: boolean;
  readonly watch?: boolean | string;
  readonly parkingTable?: string;
}

/** Fewer hours than these until changes are lost need a person. */
const SOON_LOST_HOURS = 6;
const NEEDS_PERSON: ReadonlySet<string> = new Set(['halted', 'stopped', 'disabled', 'broken']);

export function statusVerb(program: Command, run: Run): void {
  withCommonOptions(
    program
      .command('status')
      .argument('[subscription]', 'all by default')
      .description('how far every subscription is; ends with 1 while one needs a person')
      .option('--shards', 'the tree of shards, with positions and owners')
      .addOption(new Option('--parking-table <name>', 'where walked subscriptions park').env(PARKING_ENV.table))
      .option('--watch [seconds]', 'refresh in place, every 2 seconds by default, until Ctrl-C'),
  ).action(
    run((subscription: string | undefined, options: StatusOptions) => {
      const session = sessionOf(options);
      const detail = { withShards: options.shards === true, parkingTable: options.parkingTable };
      if (options.watch === undefined) return once(session, subscription, detail);
      const seconds = options.watch === true ? 2 : secondsOf(String(options.watch), '--watch', 1);
      return watch(session, subscription, detail, seconds * 1_000);
    }),
  );
}

async function once(session: Session, only: string | undefined, detail: StatusDetail): Promise<ExitCode> {
  const report = await statusReport(session, only, detail);
  if (report === null) return refuse(session, only ?? '', { kind: 'unknown' });
  console.log(textOf(session, report));
  return needsPerson(report) ? EXIT.findings : EXIT.ok;
}

async function watch(
  session: Session,
  only: string | undefined,
  detail: StatusDetail,
  everyMs: number,
): Promise<ExitCode> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const show = session.isJson ? console.log : inPlace(process.stdout);
  let last: string | undefined;
  while (!stop.signal.aborted) {
    try {
      const report = await statusReport(session, only, detail);
      if (report === null) return refuse(session, only ?? '', { kind: 'unknown' });
      last = textOf(session, report);
      show(last);
    } catch (error) {
      // What worked once is throttled, or away for a while.
      if (last === undefined) throw error;
      if (session.isJson) console.error(errorMessage(error));
      else show(`${last}\n\nnot refreshed: ${errorMessage(error)}`);
    }
    await session.clock.sleep(everyMs, stop.signal);
  }
  return EXIT.ok;
}

const textOf = (session: Session, report: StatusReport): string =>
  session.isJson
    ? JSON.stringify(report, (name, value) => (name === 'map' ? undefined : value))
    : statusText(report, session.clock.nowMs(), process.stdout);

const needsPerson = ({ subscriptions }: StatusReport): boolean =>
  subscriptions.some(
    ({ phase, hoursUntilLoss, parked }) =>
      NEEDS_PERSON.has(phase) || (parked ?? 0) > 0 || (hoursUntilLoss !== null && hoursUntilLoss < SOON_LOST_HOURS),
  );

import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../output/exit-code.ts';
import { tablesText } from '../output/tables-text.ts';
import { registryRows } from './pattern-report.ts';
import { refuse } from './refusal.ts';
import { type CommonOptions, type Session, sessionOf, withCommonOptions } from './session.ts';
import { tablesReport } from './tables-report.ts';
import type { Run } from './verb.ts';

interface TablesOptions extends CommonOptions {
  readonly matching?: boolean;
}

export function tablesVerb(program: Command, run: Run): void {
  withCommonOptions(
    program
      .command('tables')
      .argument('<subscription>', 'one for all tables that match a pattern')
      .description('which tables match, what becomes of them, and why; ends with 1 while one is broken')
      .option('--matching', 'leave out the tables that do not match'),
  ).action(
    run((subscription: string, options: TablesOptions) =>
      tables(sessionOf(options), subscription, options.matching === true),
    ),
  );
}

async function tables(session: Session, subscription: string, isMatchingOnly: boolean): Promise<ExitCode> {
  const rows = await registryRows(session, subscription);
  if (rows.length === 0) {
    const isKnown = (await session.state().pointer(subscription)) !== null;
    return refuse(session, subscription, { kind: isKnown ? 'no-pattern' : 'unknown' });
  }
  const whole = await tablesReport(session, subscription, rows);
  const shown = whole.tables.filter(({ matches }) => matches || !isMatchingOnly);
  const report = { ...whole, tables: shown };
  console.log(session.isJson ? JSON.stringify(report) : tablesText(report, session.clock.nowMs(), process.stdout));
  return whole.tables.some(({ state }) => state === 'broken') ? EXIT.findings : EXIT.ok;
}

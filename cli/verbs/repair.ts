import type { Command } from 'commander';
import { cancelRun, requestRun } from '../../shared/operations.ts';
import { EXIT, type ExitCode } from '../output/exit-code.ts';
import { isConfirmed } from '../output/question.ts';
import { refusePattern } from './pattern-report.ts';
import { refuse } from './refusal.ts';
import { awaitRun } from './run-wait.ts';
import { type CommonOptions, type Session, sessionOf, withCommonOptions } from './session.ts';
import type { Run } from './verb.ts';

interface RepairOptions extends CommonOptions {
  readonly yes?: boolean;
  readonly cancel?: boolean;
  readonly wait?: boolean;
}

export function repairVerb(program: Command, run: Run): void {
  withCommonOptions(
    program
      .command('repair')
      .argument('<subscription>')
      .description('hand over every item of the table again, in another run of its bootstrap')
      .option('--cancel', 'end the run that is asked for or goes on, also a first one: changes flow at once')
      .option('--wait', 'show how far the run is until it is over; ends with 1 when it is cancelled')
      .option('--yes', 'do it without asking'),
  ).action(
    run((subscription: string, options: RepairOptions) =>
      options.cancel
        ? cancel(sessionOf(options), subscription, options.yes === true)
        : repair(sessionOf(options), subscription, options),
    ),
  );
}

async function repair(session: Session, subscription: string, options: RepairOptions): Promise<ExitCode> {
  await refusePattern(session, subscription);
  if (!(await isConfirmed(`Scan the table of ${subscription}, and deliver every item again?`, options.yes === true))) {
    return refuse(session, subscription, { kind: 'not-confirmed' });
  }
  const asked = await requestRun({ state: session.state(), clock: session.clock }, subscription);
  if (asked.kind !== 'done' && asked.kind !== 'already') return refuse(session, subscription, asked);
  if (session.isJson) {
    if (!options.wait) console.log(JSON.stringify({ subscription, result: asked.kind, run: asked.run }));
  } else if (asked.kind === 'done') {
    console.log(
      `${subscription} begins run ${asked.run} with its next tick: millrace status ${subscription} follows it`,
    );
  } else {
    console.log(`${subscription} is in run ${asked.run} already`);
  }
  return options.wait ? awaitRun(session, subscription, asked.run) : EXIT.ok;
}

async function cancel(session: Session, subscription: string, yes: boolean): Promise<ExitCode> {
  await refusePattern(session, subscription);
  if (!(await isConfirmed(`End the run of ${subscription}? What it has not handed over, it never will.`, yes))) {
    return refuse(session, subscription, { kind: 'not-confirmed' });
  }
  const cancelled = await cancelRun({ state: session.state(), clock: session.clock }, subscription);
  if (cancelled.kind !== 'done' && cancelled.kind !== 'no-run') return refuse(session, subscription, cancelled);
  const run = cancelled.kind === 'done' ? cancelled.run : null;
  if (session.isJson) {
    console.log(JSON.stringify({ subscription, result: cancelled.kind, run }));
  } else if (run === null) {
    console.log(`${subscription} has no run that is asked for or goes on`);
  } else {
    console.log(`${subscription} ends run ${run}, and goes on with its changes: millrace repair begins another`);
  }
  return EXIT.ok;
}

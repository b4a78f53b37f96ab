import type { Command } from 'commander';
import { subscriptionStatus } from '../../shared/core/operations-status.ts';
import { loadSubscription, setPaused } from '../../shared/operations.ts';
import { EXIT, type ExitCode } from '../output/exit-code.ts';
import { durationText } from '../output/words.ts';
import { refuse } from './refusal.ts';
import { type CommonOptions, type Session, sessionOf, withCommonOptions } from './session.ts';
import type { Run } from './verb.ts';

export function pauseVerbs(program: Command, run: Run): void {
  withCommonOptions(
    program
      .command('pause')
      .argument('<subscription>')
      .description('stop delivering after the batches in flight; positions stay'),
  ).action(run((subscription: string, options: CommonOptions) => pause(sessionOf(options), subscription, true)));
  withCommonOptions(
    program.command('resume').argument('<subscription>').description('go on where the subscription was paused'),
  ).action(run((subscription: string, options: CommonOptions) => pause(sessionOf(options), subscription, false)));
}

async function pause(session: Session, subscription: string, isPaused: boolean): Promise<ExitCode> {
  const { clock } = session;
  const state = session.state();
  const result = await setPaused({ state, clock }, subscription, isPaused);
  if (result.kind === 'unknown' || result.kind === 'changed') return refuse(session, subscription, result);
  const loaded = await loadSubscription(state, subscription);
  const status =
    loaded && subscriptionStatus(subscription, loaded.pointer, loaded.control, loaded.streams, clock.nowMs());
  const { lagMs = null, hoursUntilLoss = null } = status ?? {};
  if (session.isJson) {
    const changed = result.kind === 'done';
    console.log(JSON.stringify({ subscription, isPaused, changed, lagMs, hoursUntilLoss }));
    return EXIT.ok;
  }
  const was = result.kind === 'already' ? ' already' : '';
  console.log(isPaused ? `${subscription} is paused${was}` : `${subscription} goes on${was}: with its next tick`);
  if (isPaused && hoursUntilLoss !== null) {
    console.log(`the stream keeps what waits for another ${durationText(hoursUntilLoss * 3_600_000)}: resume before`);
  }
  return EXIT.ok;
}

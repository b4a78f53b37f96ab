import type { Command } from 'commander';
import { isTrimHorizon, parseMoment } from '../../shared/core/operations-moment.ts';
import { parsePositions } from '../../shared/core/positions-file.ts';
import { previewRewind, type RewindPreview, type RewindTarget, rewind } from '../../shared/operations.ts';
import { EXIT, type ExitCode } from '../output/exit-code.ts';
import { isConfirmed } from '../output/question.ts';
import { rewindText } from '../output/rewind-text.ts';
import { textIfFile } from './given-file.ts';
import { refusePattern } from './pattern-report.ts';
import { refuse } from './refusal.ts';
import { secondsOf } from './seconds.ts';
import { type CommonOptions, type Session, sessionOf, withCommonOptions } from './session.ts';
import type { Run } from './verb.ts';

export interface MoveOptions extends CommonOptions {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly wait: string;
}

interface RewindOptions extends MoveOptions {
  readonly to: string;
}

export const withMoveOptions = (command: Command): Command =>
  withCommonOptions(
    command
      .option('--dry-run', 'say what it would do, and change nothing')
      .option('--yes', 'do it without asking')
      .option('--wait <seconds>', 'how long to wait for walks that still deliver', '60'),
  );

export function rewindVerb(program: Command, run: Run): void {
  withMoveOptions(
    program
      .command('rewind')
      .argument('<subscription>')
      .description('deliver again from a time, from the oldest change kept, or from a file of positions; paused first')
      .requiredOption('--to <place>', 'a time, how long ago (10m, 2h), trim-horizon, or a file of positions'),
  ).action(
    run(async (subscription: string, options: RewindOptions) => {
      const session = sessionOf(options);
      const target = targetOf(options.to, session.clock.nowMs());
      await refusePattern(session, subscription);
      return moveTo(session, subscription, target, options);
    }),
  );
}

/** Says what would happen, asks, and does it. */
export async function moveTo(
  session: Session,
  subscription: string,
  target: RewindTarget,
  options: MoveOptions,
): Promise<ExitCode> {
  const ports = { state: session.state(), clock: session.clock };
  const waitMs = secondsOf(options.wait, '--wait') * 1_000;
  const preview = await previewRewind(ports, subscription, target);
  const isNew = preview.kind === 'unknown' && 'positions' in target;
  if (preview.kind !== 'plan' && !isNew) return refuse(session, subscription, preview);
  if (!session.isJson || options.dryRun) show(session, subscription, preview);
  if (options.dryRun) return EXIT.ok;
  if (preview.kind === 'plan' && !preview.isPaused) return refuse(session, subscription, { kind: 'not-paused' });
  if (!(await isConfirmed(`Begin a new generation of ${subscription}?`, options.yes === true))) {
    return refuse(session, subscription, { kind: 'not-confirmed' });
  }
  const result = await rewind(ports, subscription, target, { waitMs });
  if (result.kind !== 'done') return refuse(session, subscription, result);
  if (session.isJson) {
    const { generation } = result.pointer;
    console.log(JSON.stringify({ subscription, result: 'done', generation, plan: result.plan }));
  } else {
    console.log(
      `${subscription} is at generation ${result.pointer.generation} and paused: millrace resume ${subscription}`,
    );
  }
  return EXIT.ok;
}

function show(session: Session, subscription: string, preview: RewindPreview): void {
  if (!session.isJson) {
    console.log(rewindText(subscription, preview, session.clock.nowMs()));
    return;
  }
  const { plan, isListed } = preview.kind === 'plan' ? preview : { plan: null, isListed: false };
  console.log(JSON.stringify({ subscription, result: 'dry-run', plan, isListed }));
}

/** What a place may be beside a moment. */
const PLACES = ['trim-horizon', 'a file of positions that is there'];

/** A file that is there is a file of positions; anything else is a moment. */
export function targetOf(to: string, nowMs: number): RewindTarget {
  if (isTrimHorizon(to)) return { start: { at: 'trim-horizon' } };
  const text = textIfFile(to);
  if (text !== null) return { positions: parsePositions(text) };
  const momentMs = parseMoment(to, nowMs, '--to', PLACES);
  // Streams tell the time of a change to the second: the boundary second comes again.
  return { start: { at: 'time', momentMs: Math.floor(momentMs / 1_000) * 1_000 } };
}

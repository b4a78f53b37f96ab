import type { RunProgress } from '../../shared/core/scan-progress.ts';
import { loadRunProgress, loadSubscription } from '../../shared/operations.ts';
import { EXIT, type ExitCode } from '../output/exit-code.ts';
import { isOver, runText } from '../output/run-text.ts';
import { inPlace } from '../output/screen.ts';
import type { Session } from './session.ts';

const LOOK_EVERY_MS = 2_000;

/**
 * Shows how far a subscription's run is until it is over: one line in place on a terminal, elsewhere a line for each step.
 *
 * It only looks: Ctrl-C leaves the run to go on. Ends with findings where the run, or the subscription, is gone.
 */
export async function awaitRun(session: Session, subscription: string, run: number): Promise<ExitCode> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const show = session.isJson ? () => {} : steps(process.stdout);
  const ports = { state: session.state(), clock: session.clock };
  while (!stop.signal.aborted) {
    const loaded = await loadSubscription(ports.state, subscription);
    const progress = loaded && (await loadRunProgress(ports, subscription, loaded));
    if (progress === null || progress.run !== run || isOver(progress))
      return ended(session, subscription, run, progress);
    show(progress, `${subscription}: ${runText(progress, session.clock.nowMs(), process.stdout)}`);
    await session.clock.sleep(LOOK_EVERY_MS, stop.signal);
  }
  return EXIT.interrupted;
}

function ended(session: Session, subscription: string, run: number, progress: RunProgress | null): ExitCode {
  const ours = progress?.run === run ? progress : null;
  const isComplete = ours?.state === 'complete';
  if (session.isJson)
    console.log(JSON.stringify({ subscription, result: isComplete ? 'complete' : 'cancelled', run: ours }));
  else if (ours === null) console.log(`${subscription}: run ${run} was cancelled, or gave way to another`);
  else console.log(`${subscription}: ${runText(ours, session.clock.nowMs(), process.stdout)}`);
  return isComplete ? EXIT.ok : EXIT.findings;
}

/** Shows a line in place, or, where there is no terminal, only when a step is done. */
function steps(stream: NodeJS.WriteStream): (progress: RunProgress, text: string) => void {
  const write = inPlace(stream);
  let last = '';
  return ({ state, slice, segmentsDone }, text) => {
    const step = JSON.stringify([state, slice, segmentsDone]);
    if (stream.isTTY) write(text);
    else if (step !== last) stream.write(`${text}\n`);
    last = step;
  };
}

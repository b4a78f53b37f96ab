import type { Clock, CurrentStream, Failed, Page, Source } from '../core/ports.ts';
import { streamArnOf } from '../core/scan.ts';
import { streamCreatedAtMs } from '../core/stream-time.ts';

/** All segments of a walk share a look: at the most four a second, of the 2,500 that an account's control plane answers. */
const LOOK_EVERY_MS = 250;

/**
 * A run's scan, as long as its table has the run's stream. A scan goes by the table's name alone, so which stream the table
 * has is asked after each page was read, and before it is handed over: what another table of the name holds is never
 * taken for the run's items, and never ends the run, which would have swept what was not scanned.
 *
 * A stream that is off, or gave way to a later one, never comes back: its run is over. A table that is not there, or has no
 * stream, may be described as it was before: pages wait, and the end of the slice lets changes pass.
 */
export function provenScan(plain: Source, current: Source['current'], clock: Clock): Source {
  const look = sharedLook(current, clock);
  let isStreamOver = false;

  const refusal = async (streamArn: string): Promise<Failed | null> => {
    const found = await look();
    if (found.kind === 'failed') return found;
    if (found.kind !== 'stream') return unavailable(found.message);
    const { stream, open } = found;
    // A description may lag, and tell of what was before the run's stream: that proves nothing.
    isStreamOver ||= stream.arn === streamArn ? !open : stream.createdAtMs >= streamCreatedAtMs(streamArn);
    if (isStreamOver) return over(streamArn);
    return stream.arn === streamArn ? null : unavailable(`the table's stream must be ${streamArn}, got ${stream.arn}`);
  };
  return {
    ...plain,
    isStreamOver: () => isStreamOver,
    read: async (stream, iterator): Promise<Page> => {
      if (isStreamOver) return over(streamArnOf(stream));
      const page = await plain.read(stream, iterator);
      const isWaiting = page.kind === 'page' && page.records.length === 0 && page.next === iterator;
      if (page.kind !== 'page' || isWaiting) return page;
      return (await refusal(streamArnOf(stream))) ?? page;
    },
  };
}

/** A look begins after it was asked for: whoever asks before the next one begins shares it. */
function sharedLook(current: Source['current'], clock: Clock): () => Promise<CurrentStream> {
  let beganAtMs = Number.NEGATIVE_INFINITY;
  let next: Promise<CurrentStream> | null = null;
  const begin = async (): Promise<CurrentStream> => {
    await clock.sleep(Math.max(0, beganAtMs + LOOK_EVERY_MS - clock.nowMs()));
    next = null;
    beganAtMs = clock.nowMs();
    return current();
  };
  return () => {
    next ??= begin();
    return next;
  };
}

const over = (streamArn: string): Failed =>
  unavailable(`${streamArn} is not the table's stream any more: its run ends here`);

const unavailable = (message: string): Failed => ({ kind: 'failed', reason: 'unavailable', message });

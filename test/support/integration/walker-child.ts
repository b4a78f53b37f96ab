/**
 * The process of a walker: runs the entry point that is deployed, once for each request it is sent, and ends with the
 * process that started it.
 */
import { handler } from '../../../functions/shard-walker.ts';
import type { WalkSummary } from '../../../shared/core/walk-event.ts';

/** One tick of a schedule. */
export interface Tick {
  /** The schedule's input. */
  readonly input: unknown;
  /** What the invocation says is left of its time. */
  readonly remainingMs: number;
}

/** What became of a tick. */
export type Ticked =
  | { readonly ok: true; readonly summary: WalkSummary }
  | { readonly ok: false; readonly name: string; readonly message: string };

async function run({ input, remainingMs }: Tick): Promise<Ticked> {
  const deadlineMs = Date.now() + remainingMs;
  try {
    const lambda = { getRemainingTimeInMillis: () => deadlineMs - Date.now() };
    return { ok: true, summary: await handler(input, lambda) };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { ok: false, name, message };
  }
}

process.on('message', (tick: Tick) => {
  void run(tick).then((ticked) => process.send?.(ticked));
});
process.on('disconnect', () => process.exit());

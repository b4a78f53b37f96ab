import { endedScans } from '../core/run.ts';
import type { Pointer, StreamRow } from '../core/subscription.ts';
import type { WalkPorts } from './context.ts';

/**
 * Lets the rows of runs that are over be removed, those of segments first: they grow by up to a thousand a run.
 *
 * Dying in between leaves the scan's own row without a moment, and the next walk repeats all of it. What fails is
 * reported, and left to the next walk: nothing waits for it.
 */
export async function forgetRuns(
  subscription: string,
  { state, report }: Pick<WalkPorts, 'state' | 'report'>,
  pointer: Pointer,
  rows: readonly StreamRow[],
): Promise<void> {
  for (const scan of endedScans(rows, pointer)) {
    try {
      const key = { subscription, generation: scan.generation, stream: scan.stream };
      const leases = await state.leases(key);
      const shardIds = leases.filter((row) => row.removeAtMs === undefined).map((row) => row.shardId);
      await state.expireLeases(key, shardIds, scan.removeAtMs);
      // Another worker may have written it: it has the same moment.
      await state.putControl(subscription, scan, scan.revision - 1);
    } catch (error) {
      report({ kind: 'state-failed', operation: 'forget a run', message: String(error) });
    }
  }
}

import { type RunProgress, runProgress } from '../core/scan-progress.ts';
import { phaseOf } from '../core/subscription.ts';
import type { OperationPorts } from './ports.ts';
import { type Loaded, streamRowsOf } from './reading.ts';

/** How far a subscription's latest run is; `null`: it never had one, or nothing of it is left. */
export async function loadRunProgress(
  { state, clock }: OperationPorts,
  subscription: string,
  { pointer, control }: Pick<Loaded, 'pointer' | 'control'>,
): Promise<RunProgress | null> {
  const phase = phaseOf(pointer);
  const scan = streamRowsOf(control).find((row) => row.generation === pointer.generation && row.run === phase.run);
  const isAwaited = phase.wantedRun > phase.run;
  const leases = scan === undefined || isAwaited ? [] : await state.leases({ subscription, ...scan });
  const nowMs = clock.nowMs();
  // DynamoDB removes them one by one, within days: what is left meanwhile tells nothing true.
  const isGoing = leases.some(({ removeAtMs }) => removeAtMs !== undefined && removeAtMs <= nowMs);
  return runProgress(phase, isGoing ? [] : leases, nowMs);
}

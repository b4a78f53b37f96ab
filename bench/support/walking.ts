import { randomUUID } from 'node:crypto';
import { systemClock } from '../../shared/clock.ts';
import type { Clock } from '../../shared/core/ports.ts';
import type { WalkEvent, WalkSummary } from '../../shared/core/walk-event.ts';
import { parseWalkRequest, REQUEST_FORMAT, type WalkRequestInput } from '../../shared/request.ts';
import { simulatedState } from '../../shared/testing/simulated-state.ts';
import { type WalkPorts, walk } from '../../shared/walker.ts';

/** A walk in Lambda of a gigabyte gives pages a quarter of it. */
const PAGE_BYTES = 256 * 1_048_576;
const WALK_MS = 15 * 60_000;
export const FUNCTION_ARN = 'arn:aws:lambda:eu-central-1:123456789012:function:orders';

/** A walk's request with every default, but for what is named. */
export const walkRequest = (changes: Partial<WalkRequestInput> = {}) =>
  parseWalkRequest({
    format: REQUEST_FORMAT,
    pipeline: 'bench',
    subscription: 'orders',
    stateTable: 'state',
    source: { kind: 'table', tableName: 'orders', region: 'eu-central-1' },
    handler: { functionArn: FUNCTION_ARN, timeoutMs: 60_000 },
    worker: 0,
    workers: 1,
    ...changes,
  });

export interface Drain {
  readonly request?: Partial<WalkRequestInput>;
  readonly ports: Pick<WalkPorts, 'source' | 'sink'> & Partial<WalkPorts>;
  /** How many records have to be settled before the walk is stopped. */
  readonly records: number;
  readonly clock?: Clock;
}

/** Walks until so many records are settled, and stops; the state is one in memory unless the ports have another. */
export async function drain({ request, ports, records, clock = systemClock }: Drain): Promise<WalkSummary> {
  const stop = new AbortController();
  let settled = 0;
  const report = (event: WalkEvent): void => {
    if (event.kind === 'batch-delivered') settled += event.records;
    if (settled >= records) stop.abort();
  };
  const all = { state: simulatedState({ clock }), clock, report, random: Math.random, newId: randomUUID, ...ports };
  const limits = { deadlineMs: clock.nowMs() + WALK_MS, pageBytes: PAGE_BYTES, stop: stop.signal };
  const summary = await walk(walkRequest(request), all, limits);
  if (summary.records < records)
    throw new Error(`the walk ended with ${summary.records} of ${records}: ${summary.reason}`);
  return summary;
}

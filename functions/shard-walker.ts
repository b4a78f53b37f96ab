import { systemClock } from '../shared/clock.ts';
import type { WalkSummary } from '../shared/core/walk-event.ts';
import { isForTables, parseWalkRequest } from '../shared/request.ts';
import { tablesPorts } from '../shared/tables-ports.ts';
import { walkTables } from '../shared/tables-walker.ts';
import { walkPorts } from '../shared/walk-ports.ts';
import { walk } from '../shared/walker.ts';

/** One tick of a schedule: walks the shards of the subscription that the schedule's input describes. */
export async function handler(input: unknown, lambda: { getRemainingTimeInMillis(): number }): Promise<WalkSummary> {
  const request = parseWalkRequest(input);
  const deadlineMs = systemClock.nowMs() + lambda.getRemainingTimeInMillis();
  const limits = { deadlineMs, pageBytes: memoryBytes() / 4 };
  if (isForTables(request)) return walkTables(request, tablesPorts(request), limits);
  return walk(request, walkPorts(request), limits);
}

/** The function's memory, which Lambda tells in mebibytes. */
const memoryBytes = (): number => Number(process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? 1024) * 1_048_576;

import type { SubscriptionPhase, SubscriptionStatus } from './operations-status.ts';
import type { TableRow } from './table-registry.ts';

/** A table of a pattern, and what its own rows tell; `null` before its first walk. */
export interface PatternTable<Status extends SubscriptionStatus> {
  readonly name: string;
  readonly row: TableRow;
  readonly status: Status | null;
}

/**
 * A table's status under its pattern: of one that is active, what its own rows tell. As long as the pattern is walked,
 * none of its tables is stopped: where there are many, they take turns.
 */
export function tableStatus<Status extends SubscriptionStatus>(
  pattern: Status,
  { name, row, status }: PatternTable<Status>,
): Status {
  const nothing = { ...NO_SHARDS, lagMs: null, hoursUntilLoss: null, workers: 0 };
  const known = status ?? { ...pattern, ...nothing, streamArn: row.stream?.arn ?? null, lastWalkAtMs: null };
  const phase = phaseOf(pattern, row, status);
  const isLeft = row.state === 'unmatched' || row.stream === null;
  return { ...known, subscription: name, phase, ...(isLeft && { lagMs: null, hoursUntilLoss: null }) };
}

function phaseOf(pattern: SubscriptionStatus, row: TableRow, status: SubscriptionStatus | null): SubscriptionPhase {
  if (row.state !== 'active') return row.state;
  if (status === null) return 'listing';
  return status.phase === 'stopped' && pattern.phase !== 'stopped' ? 'reading' : status.phase;
}

/** A pattern's status: its tables' shards added up, the oldest lag of any. */
export function patternStatus<Status extends SubscriptionStatus & { readonly gaps: number }>(
  own: Status,
  tables: readonly Status[],
  isListed: boolean,
): Status {
  const all = [own, ...tables];
  const sum = (count: (one: Status) => number): number => all.reduce((total, one) => total + count(one), 0);
  const lags = tables.flatMap(({ lagMs }) => lagMs ?? []);
  const hours = tables.flatMap(({ hoursUntilLoss }) => hoursUntilLoss ?? []);
  return {
    ...own,
    // The pattern itself has no stream whose listing would be awaited.
    phase: own.phase === 'listing' && isListed ? 'reading' : own.phase,
    lagMs: lags.length > 0 ? Math.max(...lags) : null,
    hoursUntilLoss: hours.length > 0 ? Math.min(...hours) : null,
    openShards: sum((one) => one.openShards),
    waitingShards: sum((one) => one.waitingShards),
    finishedShards: sum((one) => one.finishedShards),
    haltedShards: sum((one) => one.haltedShards),
    gaps: sum((one) => one.gaps),
  };
}

const NO_SHARDS = { openShards: 0, waitingShards: 0, finishedShards: 0, haltedShards: 0 };

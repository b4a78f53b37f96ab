import type { LeaseRow } from './lease.ts';
import type { Phase } from './phase.ts';
import { scanPart } from './scan.ts';

/**
 * How far a bootstrap or repair run is. Times are epoch milliseconds.
 *
 * Items are counted by the positions of the run's segments, so that the figures outlive walks, and what a crash repeats
 * counts once. An item that a filter let pass counts, too.
 */
export interface RunProgress {
  readonly run: number;
  /**
   * - `awaited`: asked for, not begun. - `scanning`: a slice of it is read. - `catching-up`: between two slices, the
   * changes since are delivered. - `complete`: its end is settled. - `cancelled`: over without its end.
   */
  readonly state: 'awaited' | 'scanning' | 'catching-up' | 'complete' | 'cancelled';
  /** The slice that is read, or was read last, counted from 1; `null` before the first. */
  readonly slice: number | null;
  /** When the slice that is read ends at the latest; `null` while none is. */
  readonly sliceEndsAtMs: number | null;
  /** Items that are settled. */
  readonly items: number;
  /** How many there are in all, estimated; `null` while nothing tells. */
  readonly expectedItems: number | null;
  readonly segmentsDone: number;
  readonly segments: number;
  /** What is settled, from 0 to 1; `null` while nothing tells. */
  readonly share: number | null;
  /** On the average since the run began, catching up included. */
  readonly itemsPerSecond: number | null;
  /** Until the run ends if it goes on like this (milliseconds); `null` while nothing tells, and once it is over. */
  readonly leftMs: number | null;
  /** When the run ends if it goes on like this, or when it ended; `null` while nothing tells. */
  readonly endsAtMs: number | null;
}

/** From one finished segment in ten on, their own sizes tell more than the table's item count, which is hours old. */
const MEASURED_SHARE = 0.1;

/**
 * Sums a run up from the rows of its scan. `null`: the subscription never had one, or nothing is left of it.
 */
export function runProgress(phase: Phase, rows: Iterable<LeaseRow>, nowMs: number): RunProgress | null {
  if (phase.wantedRun > phase.run) return { ...NOTHING, run: phase.wantedRun, state: 'awaited' };
  const all = [...rows];
  const counted = all.filter((row) => scanPart(row.shardId)?.kind === 'segment').map(segmentOf);
  const ended = all.find((row) => row.shardId === 'complete' && row.position.at === 'shard-end');
  if (phase.run === 0 || (phase.isRunDone && counted.length === 0)) return null;
  const items = counted.reduce((sum, segment) => sum + segment.items, 0);
  const segmentsDone = counted.filter(({ isDone }) => isDone).length;
  const expectedItems = ended ? items : expected(counted, phase);
  const lastedMs = (ended?.finishedAtMs ?? nowMs) - (phase.runBeganAtMs ?? nowMs);
  const itemsPerSecond = lastedMs > 0 && items > 0 ? items / (lastedMs / 1_000) : null;
  const isOver = phase.isRunDone || ended !== undefined;
  const leftMs =
    isOver || itemsPerSecond === null || expectedItems === null
      ? null
      : Math.round(((expectedItems - items) / itemsPerSecond) * 1_000);
  return {
    run: phase.run,
    state: stateOf(phase, ended !== undefined),
    slice: phase.slice ?? null,
    sliceEndsAtMs: !isOver && phase.kind === 'scanning' ? phase.endsAtMs : null,
    items,
    expectedItems,
    segmentsDone,
    segments: phase.segments,
    share: shareOf(items, expectedItems, ended !== undefined),
    itemsPerSecond,
    leftMs,
    endsAtMs: leftMs === null ? (ended?.finishedAtMs ?? null) : nowMs + leftMs,
  };
}

const NOTHING: Omit<RunProgress, 'run' | 'state'> = {
  slice: null,
  sliceEndsAtMs: null,
  items: 0,
  expectedItems: null,
  segmentsDone: 0,
  segments: 0,
  share: null,
  itemsPerSecond: null,
  leftMs: null,
  endsAtMs: null,
};

interface Segment {
  readonly items: number;
  readonly isDone: boolean;
}

const segmentOf = ({ position, items = 0 }: LeaseRow): Segment => ({
  items: position.at === 'after-item' ? position.ordinal : items,
  isDone: position.at === 'shard-end',
});

/**
 * How many items the run has: what is counted, and for each segment that is not finished as many more as the finished
 * ones had on the average, or as the table's item count says.
 */
function expected(
  counted: readonly Segment[],
  { segments, expectedItems = 0, export: exported }: Phase,
): number | null {
  // An export knows how many it has.
  if (exported !== undefined) return expectedItems;
  const done = counted.filter(({ isDone }) => isDone);
  const doneItems = done.reduce((sum, { items }) => sum + items, 0);
  const isMeasured = done.length > 0 && (expectedItems === 0 || done.length >= segments * MEASURED_SHARE);
  if (!isMeasured && expectedItems === 0) return null;
  const each = isMeasured ? doneItems / done.length : expectedItems / segments;
  const open = counted.filter(({ isDone }) => !isDone).reduce((sum, { items }) => sum + Math.max(items, each), 0);
  return Math.round(doneItems + open + Math.max(0, segments - counted.length) * each);
}

function stateOf(phase: Phase, isEnded: boolean): RunProgress['state'] {
  if (isEnded) return 'complete';
  if (phase.isRunDone) return 'cancelled';
  return phase.kind === 'scanning' ? 'scanning' : 'catching-up';
}

/** Never quite all before the run's end is settled. */
function shareOf(items: number, expectedItems: number | null, isEnded: boolean): number | null {
  if (isEnded) return 1;
  if (expectedItems === null) return null;
  return expectedItems === 0 ? 0 : Math.min(0.999, items / expectedItems);
}

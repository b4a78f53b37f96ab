import type { StreamMapping } from '../../../shared/aws/stream-mappings.ts';
import type { FoundSchedule } from '../../../shared/aws/walk-schedules.ts';
import { checkSchedule, type Finding } from '../../../shared/core/operations-doctor.ts';
import { subscriptionStatus } from '../../../shared/core/operations-status.ts';
import type { Loaded } from '../../../shared/operations.ts';
import { durationText } from '../../output/words.ts';
import type { Session } from '../session.ts';
import { streamChecks } from './stream.ts';
import { type Patterns, tablesChecks, tickedAs } from './tables.ts';

/** What the checks of all subscriptions share. */
export interface Surroundings {
  readonly loaded: ReadonlyMap<string, Loaded>;
  readonly patterns: Patterns;
  readonly mappings: readonly StreamMapping[];
  /** `null`: they may not be asked for. */
  readonly schedules: readonly FoundSchedule[] | null;
}

/** One walked subscription: its stream, its readers, its schedules, and how it goes. */
export async function subscriptionChecks(
  session: Session,
  name: string,
  { loaded: all, patterns, mappings, schedules }: Surroundings,
): Promise<readonly Finding[]> {
  const loaded = all.get(name);
  if (loaded === undefined) return [];
  const nowMs = session.clock.nowMs();
  const status = subscriptionStatus(name, loaded.pointer, loaded.control, loaded.streams, nowMs);
  const { streamArn } = status;
  const ticking = tickedAs(name, patterns);
  // A pattern's tables take turns: its own walks tell whether anything walks.
  const lastWalkAtMs = ticking === name ? status.lastWalkAtMs : lastWalkOf(all.get(ticking) ?? loaded);
  const stream = streamArn === null ? [] : await streamChecks(session, streamArn, readersOf(streamArn, all, mappings));
  const own = (schedules ?? []).filter(({ input }) => (input as { subscription?: unknown }).subscription === ticking);
  const ticked =
    schedules === null
      ? []
      : [
          checkSchedule(
            { names: own.map((one) => one.name), disabled: own.filter((one) => !one.isEnabled).map((one) => one.name) },
            lastWalkAtMs === null ? null : nowMs - lastWalkAtMs,
            loaded.pointer.isPaused,
          ),
        ];
  const tables = patterns.get(name);
  if (tables !== undefined) return [...tablesChecks(name, tables), ...ticked];
  return [...stream, ...ticked, progressCheck(status.phase, status.haltedShards, status.lagMs, status.hoursUntilLoss)];
}

const lastWalkOf = ({ control }: Loaded): number | null => {
  const seen = control.flatMap((row) => (row.kind === 'slot' ? [row.lastSeenAtMs] : []));
  return seen.length > 0 ? Math.max(...seen) : null;
};

/** Who reads a stream, as far as this state table and this region know. */
export const readersOf = (
  arn: string,
  loaded: ReadonlyMap<string, Loaded>,
  mappings: readonly StreamMapping[],
): readonly string[] => [
  ...[...loaded]
    .filter(([, { streams }]) => streams.some(({ row }) => row.stream.arn === arn && !row.isDrained))
    .map(([name]) => `subscription ${name}`),
  ...mappings.filter(({ streamArn }) => streamArn === arn).map(({ functionName }) => `mapping of ${functionName}`),
];

/** Fewer hours than these until changes are lost need a person. */
const SOON_LOST_HOURS = 6;

function progressCheck(phase: string, halted: number, lagMs: number | null, hours: number | null): Finding {
  const check = 'progress';
  const lag = lagMs === null ? 'nothing is listed yet' : `${phase}, ${durationText(lagMs)} behind`;
  if (halted > 0) {
    return {
      check,
      result: 'problem',
      detail: `${halted} halted at a gap`,
      remedy: 'millrace gaps, then millrace gaps accept',
    };
  }
  if (hours !== null && hours < SOON_LOST_HOURS) {
    const remedy = 'changes are lost when it reaches 0: mend or speed up the handler, or add workers';
    return { check, result: 'problem', detail: `${lag}; ${durationText(hours * 3_600_000)} until loss`, remedy };
  }
  return phase === 'paused'
    ? { check, result: 'warning', detail: lag, remedy: 'millrace resume, before the stream trims what waits' }
    : { check, result: 'ok', detail: lag };
}

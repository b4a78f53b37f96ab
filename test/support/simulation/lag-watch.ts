import type { WalkPorts } from '../../../shared/walker/context.ts';
import type { GenerationTruth } from './ledger.ts';
import type { Process } from './process.ts';
import type { Sabotage } from './simulation.ts';
import type { World } from './world.ts';

/** What a walk said of its lag, beside the truth at that moment. */
export interface LagReading {
  readonly atMs: number;
  readonly lagMs: number;
  /** The age of the oldest record that is owed to the handler and not settled; 0 when there is none. */
  readonly oldestMs: number;
}

/** Takes down every lag that walks report, and lets the function fail while `isStuck` says so. */
export function lagWatch(isStuck: (sinceStartMs: number) => boolean): {
  readonly watch: Sabotage;
  readonly readings: readonly LagReading[];
} {
  const readings: LagReading[] = [];
  const watch = (ports: WalkPorts, _process: Process, world: World): WalkPorts => {
    let truth: GenerationTruth | undefined;
    return {
      ...ports,
      sink: {
        deliver: async (batch) => {
          if (!isStuck(world.clock.nowMs() - world.startMs)) return ports.sink.deliver(batch);
          return { kind: 'failed', message: 'simulated: the handler is stuck' };
        },
      },
      report: (event) => {
        ports.report(event);
        if (event.kind === 'walk-started') truth = world.ledger.generations.get(event.generation);
        if (event.kind !== 'shards-seen' || truth === undefined) return;
        const nowMs = world.clock.nowMs();
        readings.push({
          atMs: nowMs - world.startMs,
          lagMs: event.lagMs,
          oldestMs: nowMs - oldestUnsettledMs(world, truth),
        });
      },
    };
  };
  return { watch, readings };
}

function oldestUnsettledMs({ ledger, clock }: World, truth: GenerationTruth): number {
  const lives = ledger.stream.lives.filter((life) => truth.streams.has(life.identity.arn));
  const records = lives.flatMap((life) => [...life.shards.values()]).flatMap((shard) => shard.records);
  const unsettled = records.filter(
    (record) => !truth.accepted.has(record.event.eventID) && !ledger.isLost(record) && ledger.isOwed(truth, record),
  );
  return unsettled.reduce((oldest, { createdAtMs }) => Math.min(oldest, createdAtMs), clock.nowMs());
}

import type { Batch, Delivery, Sink } from '../../../shared/core/ports.ts';
import type { Random } from '../../../shared/testing/simulated-random.ts';
import type { DeliveryTruth } from './check-deliveries.ts';
import type { Process } from './process.ts';
import { strike } from './strike.ts';
import type { World } from './world.ts';

/** The sink as one walk gets it: functions that do not start, and answers that are lost. */
export function faultySink(world: World, process: Process, random: Random): Sink {
  const { rates, trace, fault, clock } = world;
  const invoke = async (batch: Batch, truth: DeliveryTruth): Promise<Delivery> => {
    const answer = await world.invoke(batch, truth);
    if (!truth.isLost) world.deliveries.answered(truth, answer);
    return answer;
  };
  return {
    deliver: async (batch) => {
      const truth = world.deliveries.called(process, batch);
      const name = `${process.name} delivery ${truth.number} of ${batch.shardId} [${batch.sequenceNumbers.join()}]`;
      trace(() => `${name} is called`);
      const { sinkNotStarted, sinkLost } = rates();
      const trip = strike(world, process, random);
      const wire = { ...trip, beforeMs: Math.min(3_000, trip.beforeMs), afterMs: Math.min(3_000, trip.afterMs) };
      if (random.chance(sinkNotStarted)) {
        fault();
        trace(() => `${name} is not started`);
        const reason = random.pick(['throttled', 'unavailable', 'missing'] as const);
        return process.call<Delivery>(name, async () => ({ kind: 'not-started', reason, message: 'simulated' }), wire);
      }
      truth.isLost = random.chance(sinkLost);
      const calledAtMs = clock.nowMs();
      const effect = async (): Promise<Delivery> => {
        // Only a freeze holds a request back longer than the network does; then its lease may be over.
        truth.wasDelayed = clock.nowMs() > calledAtMs + wire.beforeMs;
        if (!truth.isLost) return invoke(batch, truth);
        fault();
        trace(() => `${name} LOSES its answer`);
        if (random.chance(0.7)) void invoke(batch, truth);
        await clock.sleep(random.whole(0, world.timeoutMs));
        return { kind: 'unknown', message: 'simulated: no answer' };
      };
      const answer = await process.call(name, effect, wire);
      trace(() => `${name} -> ${JSON.stringify(answer).slice(0, 200)}`);
      return answer;
    },
  };
}

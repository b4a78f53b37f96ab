import type { Failed, FailureDestination, Stored } from '../../../shared/core/ports.ts';
import type { Random } from '../../../shared/testing/simulated-random.ts';
import type { Process } from './process.ts';
import { strike } from './strike.ts';
import type { World } from './world.ts';

/** The on-failure destination as one walk gets it: refusing, and failing after it has stored a batch. */
export function faultyDestination(world: World, process: Process, random: Random): FailureDestination {
  const { rates, trace, fault, deliveries } = world;
  return {
    store: async (batch) => {
      const name = `${process.name} store ${batch.message.requestContext.condition} of ${batch.shardId}`;
      const trip = strike(world, process, random);
      const isRefused = random.chance(rates().sinkNotStarted);
      const isAnswerLost = random.chance(rates().sinkLost);
      if (isRefused || isAnswerLost) fault();
      const refused: Failed = { kind: 'failed', reason: 'unavailable', message: 'simulated: no answer' };
      const answer = await process.call<Stored>(
        name,
        async () => {
          if (isRefused) return refused;
          deliveries.stored(process, batch.shardId, batch.payload);
          return isAnswerLost ? refused : { kind: 'stored' };
        },
        trip,
      );
      trace(
        () => `${name} [${batch.payload.length} bytes] -> ${answer.kind}${isAnswerLost ? ', but it is stored' : ''}`,
      );
      return answer;
    },
  };
}

import type { Batch, Delivery } from '../../../shared/core/ports.ts';
import type { EventRecord } from '../../../shared/core/record.ts';
import type { SimulatedClock } from '../../../shared/testing/simulated-clock.ts';
import type { Random } from '../../../shared/testing/simulated-random.ts';
import { simulatedSink } from '../../../shared/testing/simulated-sink.ts';
import type { Deliveries, DeliveryTruth } from './check-deliveries.ts';
import type { FaultRates } from './fault-rates.ts';
import type { Trace } from './trace.ts';

interface ScriptedFunctionOptions {
  readonly clock: SimulatedClock;
  readonly random: Random;
  readonly rates: () => FaultRates;
  readonly deliveries: Deliveries;
  readonly trace: Trace;
  readonly recordMs: number;
  readonly timeoutMs: number;
}

/** A handler that takes its records one by one, and stops at the first that fails, as the seed says. */
export function scriptedFunction(
  options: ScriptedFunctionOptions,
): (batch: Batch, truth: DeliveryTruth) => Promise<Delivery> {
  const { clock, random, rates, deliveries, trace, recordMs, timeoutMs } = options;

  const run = async (records: readonly EventRecord[], truth: DeliveryTruth, signal: AbortSignal): Promise<unknown> => {
    const { handlerPartial, handlerThrows, handlerSlow, handlerHangs } = rates();
    const endings = { partial: handlerPartial, throws: handlerThrows, hangs: handlerHangs } as const;
    const ending = Object.entries(endings).find(([, rate]) => random.chance(rate))?.[0];
    const failsAt = ending ? random.whole(0, records.length - 1) : -1;
    const eachMs = random.chance(handlerSlow) ? Math.ceil(timeoutMs / 4) : recordMs;
    for (const [index, record] of records.entries()) {
      if (record.eventSource === 'aws:dynamodb') deliveries.given(truth, record.eventID);
      if (eachMs > 0) await clock.sleep(eachMs, signal);
      if (signal.aborted) return null;
      if (index !== failsAt) continue;
      trace(() => `the function ${ending} at ${record.dynamodb.SequenceNumber} of delivery ${truth.number}`);
      if (ending === 'hangs') await clock.sleep(Number.MAX_SAFE_INTEGER, signal);
      if (ending === 'throws') throw new Error('simulated: the handler throws');
      return { batchItemFailures: [{ itemIdentifier: record.dynamodb.SequenceNumber }] };
    }
    return random.chance(0.5) ? { batchItemFailures: [] } : null;
  };

  return async (batch, truth) => {
    deliveries.started(truth);
    const sink = simulatedSink({
      clock,
      timeoutMs,
      handler: ({ Records }, { signal }) => run(Records, truth, signal),
    });
    const delivery = await sink.deliver(batch);
    deliveries.ended(truth);
    trace(() => `delivery ${truth.number} of ${truth.process.name} ended: ${JSON.stringify(delivery)}`);
    return delivery;
  };
}

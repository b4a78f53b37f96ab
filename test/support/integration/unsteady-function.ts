import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangeEvent } from '../../../shared/core/record.ts';
import type { Random } from '../../../shared/testing/simulated-random.ts';
import { deliveryLedger } from './delivery-ledger.ts';
import type { LocalFunction } from './lambda-endpoint.ts';

/** Its deliveries take up to this long. */
export const UNSTEADY_TIMEOUT_MS = 3_000;
/** Longer than a lease of its own lasts, shorter than the timeout. */
const LONG_DELIVERY_MS = 2_200;

/** A function that takes a while, fails in the midst of a batch now and then, and takes long when that is asked for. */
export function unsteadyFunction(random: Random) {
  const ledger = deliveryLedger();
  let isLongAwaited = false;
  const handler = async ({ Records: records }: ChangeEvent) => {
    const handled = random.chance(0.05) ? random.whole(0, records.length - 1) : records.length;
    const end = ledger.begin({ Records: records.slice(0, handled) });
    const isLong = isLongAwaited;
    isLongAwaited = false;
    await sleep(isLong ? LONG_DELIVERY_MS : random.whole(10, 60));
    end();
    const failed = records[handled];
    return { batchItemFailures: failed ? [{ itemIdentifier: failed.dynamodb.SequenceNumber }] : [] };
  };
  return {
    ledger,
    ...({ handler, timeoutMs: UNSTEADY_TIMEOUT_MS } satisfies LocalFunction),
    /** Makes the next delivery a long one, and waits until it has begun; not longer than so many milliseconds. */
    longDelivery: async (withinMs: number): Promise<void> => {
      isLongAwaited = true;
      for (let waitedMs = 0; isLongAwaited && waitedMs < withinMs; waitedMs += 10) await sleep(10);
      isLongAwaited = false;
    },
  };
}

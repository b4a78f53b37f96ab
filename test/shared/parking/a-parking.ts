import type { ParkingLimits } from '../../../shared/core/parking-limits.ts';
import type { ChangeFunction } from '../../../shared/handler/functions.ts';
import type { ChangeHandler } from '../../../shared/handler/invocation.ts';
import type { HandlerOptions } from '../../../shared/handler/options.ts';
import { changeHandler } from '../../../shared/handler.ts';
import { parkingOf } from '../../../shared/parking/parking-of.ts';
import { simulatedClock } from '../../../shared/testing/simulated-clock.ts';
import { simulatedParking } from '../../../shared/testing/simulated-parking.ts';
import { capturedLog } from '../handler/captured-log.ts';

export interface Thing {
  readonly id: string;
  readonly step?: number;
}

/** Parking in memory on a clock that moves only as it is told. */
export function aParking(limits: ParkingLimits = {}) {
  const store = simulatedParking();
  const clock = simulatedClock();
  let ids = 0;
  const ports = { store, clock, newId: () => `id-${++ids}`, random: () => 0.5 };
  /** How many changes wait, by the item's id. */
  const waiting = () =>
    Object.fromEntries(
      store.parked().map(({ marker, changes }) => [/"S":"(\w+)"/.exec(marker.item)?.[1], changes.length]),
    );
  return { parking: parkingOf(() => ports, limits), ports, store, clock, waiting };
}

/** A handler with parking whose one function gets inserts and modifications alike, and notes which it accepted. */
export function aHandler(
  of: ReturnType<typeof aParking>,
  run: (thing: Thing) => unknown,
  options: Omit<HandlerOptions, 'parking'> = {},
) {
  const log = capturedLog();
  const accepted: string[] = [];
  const take = async ({ newImage }: { readonly newImage: Thing }): Promise<void> => {
    await run(newImage);
    accepted.push(`${newImage.id}${newImage.step ?? ''}`);
  };
  const functions: { insert: ChangeFunction<{ newImage: Thing }>; modify: ChangeFunction<{ newImage: Thing }> } = {
    insert: take,
    modify: take,
  };
  const handler = changeHandler<Thing>(functions, { ...options, logger: log.logger(), parking: of.parking });
  const invoke = invoking(of, handler);
  return { handler, invoke, accepted, log };
}

/** Runs the handler to its end, on the simulated clock, with so much time left at the beginning. */
export const invoking =
  ({ clock }: ReturnType<typeof aParking>, handler: ChangeHandler) =>
  async (event: Parameters<ChangeHandler>[0], totalMs = 30_000) => {
    const endsAtMs = clock.nowMs() + totalMs;
    const running = handler(event, { getRemainingTimeInMillis: () => endsAtMs - clock.nowMs() });
    let isOver = false;
    void running.finally(() => {
      isOver = true;
    });
    await clock.advanceUntil(() => isOver, endsAtMs + 60_000);
    return running;
  };

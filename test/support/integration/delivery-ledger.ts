import type { ChangeEvent } from '../../../shared/core/record.ts';
import { writtenBy } from './item-writes.ts';

/** What arrived at a handler, judged as it arrives. */
export interface DeliveryLedger {
  /** A delivery begins: call the result when the handler has ended. */
  readonly begin: (event: ChangeEvent) => () => void;
  /** How many different changes have arrived. */
  readonly changes: () => number;
  /** How many records arrived, repeats included. */
  readonly records: () => number;
  readonly deliveries: () => number;
  /** When the first delivery of each record ended (on the clock of `performance`), by its sequence number. */
  readonly settledAtMs: ReadonlyMap<string, number>;
  /** How many of them are under way. */
  readonly inFlight: () => number;
  /** Changes that were first delivered after a newer one of their item, in words. */
  readonly outOfOrder: readonly string[];
  /** Items of which two deliveries were in flight at once, in words. */
  readonly overlaps: readonly string[];
  /** The changes of so many items and rounds that never arrived, in words. */
  readonly missing: (items: number, rounds: number) => readonly string[];
}

/** A ledger of the changes that `writeItems` makes. */
export function deliveryLedger(): DeliveryLedger {
  const arrived = new Map<string, Set<number>>();
  const newest = new Map<string, number>();
  const inFlight = new Map<string, number>();
  const settledAtMs = new Map<string, number>();
  const outOfOrder: string[] = [];
  const overlaps: string[] = [];
  let records = 0;
  let deliveries = 0;
  let ended = 0;

  return {
    settledAtMs,
    outOfOrder,
    overlaps,
    changes: () => [...arrived.values()].reduce((sum, rounds) => sum + rounds.size, 0),
    records: () => records,
    deliveries: () => deliveries,
    inFlight: () => deliveries - ended,
    begin: (event) => {
      const items = new Set<string>();
      deliveries++;
      for (const record of event.Records) {
        const { item, round } = writtenBy(record);
        records++;
        if (!items.has(item) && (inFlight.get(item) ?? 0) > 0) overlaps.push(`${item}, again at round ${round}`);
        items.add(item);
        const rounds = arrived.get(item) ?? new Set();
        arrived.set(item, rounds);
        const newestRound = newest.get(item) ?? -1;
        if (!rounds.has(round) && round < newestRound) outOfOrder.push(`${item}: ${round} after ${newestRound}`);
        rounds.add(round);
        newest.set(item, Math.max(newestRound, round));
      }
      for (const item of items) inFlight.set(item, (inFlight.get(item) ?? 0) + 1);
      return () => {
        ended++;
        for (const { dynamodb } of event.Records) {
          const { SequenceNumber: number } = dynamodb;
          if (!settledAtMs.has(number)) settledAtMs.set(number, performance.now());
        }
        for (const item of items) inFlight.set(item, (inFlight.get(item) ?? 0) - 1);
      };
    },
    missing: (items, rounds) =>
      Array.from({ length: items }, (_, item) => `item-${item}`).flatMap((item) =>
        Array.from({ length: rounds }, (_, round) => round)
          .filter((round) => !arrived.get(item)?.has(round))
          .map((round) => `${item}: ${round}`),
      ),
  };
}

import type { Batch, Delivery } from '../../../shared/core/ports.ts';
import type { EventRecord } from '../../../shared/core/record.ts';
import type { SimulatedRecord } from '../../../shared/testing/simulated-record.ts';
import { type GenerationTruth, type Ledger, orderOf } from './ledger.ts';
import type { Process } from './process.ts';

/** One delivery, from the walker's call to the end of the function. */
export interface DeliveryTruth {
  readonly number: number;
  readonly process: Process;
  readonly shardId: string;
  readonly generation: GenerationTruth | undefined;
  /** Real records by the identifier that the batch gives them. */
  readonly records: readonly SimulatedRecord[];
  readonly gapIds: readonly string[];
  /** What an answer can name, in order. */
  readonly identifiers: readonly string[];
  /** Whether a frozen process held the request back, so that its lease may be over. */
  wasDelayed: boolean;
  /** Whether its answer is lost. */
  isLost: boolean;
}

/** I2 and decision 4, at every delivery. */
export interface Deliveries {
  readonly called: (process: Process, batch: Batch) => DeliveryTruth;
  readonly started: (delivery: DeliveryTruth) => void;
  readonly given: (delivery: DeliveryTruth, eventId: string) => void;
  readonly ended: (delivery: DeliveryTruth) => void;
  /** The function's answer left it and will not be lost. */
  readonly answered: (delivery: DeliveryTruth, answer: Delivery) => void;
  /** The on-failure destination holds these records now: they are settled, and no later delivery is their first. */
  readonly stored: (process: Process, shardId: string, payload: string) => void;
  readonly running: (shardId: string) => readonly DeliveryTruth[];
  readonly gapsTold: Set<string>;
}

export interface DeliveryLimits {
  readonly timeoutMs: number;
  readonly marginMs: number;
  readonly batchSize: number;
}

export function deliveriesOf(ledger: Ledger, limits: DeliveryLimits): Deliveries {
  const running = new Set<DeliveryTruth>();
  const gapsTold = new Set<string>();
  let count = 0;

  const checkLease = (process: Process, shardId: string, generation: GenerationTruth | undefined): void => {
    const row = generation?.rows.get(shardId);
    if (!row) {
      ledger.violate('D4', `${process.name} delivers ${shardId} without its lease`);
      return;
    }
    const missing = process.clock.nowMs() + limits.timeoutMs + limits.marginMs - row.expiresAtMs;
    if (missing > 0) {
      ledger.violate('D4', `${process.name} delivers ${shardId} with a lease that is ${missing} ms too short`);
    }
    const newer = [...ledger.generations.values()].find(
      (other) => other.generation > generation!.generation && [...other.rows.values()].some(({ epoch }) => epoch > 0),
    );
    if (newer)
      ledger.violate('D13', `${process.name} delivers ${shardId} although generation ${newer.generation} has begun`);
    const pausedAtMs = ledger.pausedAtMs();
    if (pausedAtMs !== null && process.startedAtMs > pausedAtMs) {
      ledger.violate('D13', `${process.name} delivers ${shardId} although the subscription was paused before it began`);
    }
  };

  const contentsOf = (batch: Batch): Pick<DeliveryTruth, 'records' | 'gapIds'> => {
    const events = (JSON.parse(batch.payload) as { Records: readonly EventRecord[] }).Records;
    const records: SimulatedRecord[] = [];
    const gapIds: string[] = [];
    if (events.length === 0 || events.length > limits.batchSize) {
      ledger.violate('D4', `a delivery of ${batch.shardId} with ${events.length} records`);
    }
    for (const [index, event] of events.entries()) {
      if (event.dynamodb.SequenceNumber !== batch.sequenceNumbers[index]) {
        ledger.violate('I2', `a delivery of ${batch.shardId} names other sequence numbers than it carries`);
      }
      const record = ledger.recordOf(event.eventID);
      if (event.eventSource === 'millrace') gapIds.push(event.eventID);
      else if (record?.shardId !== batch.shardId)
        ledger.violate('I2', `a delivery of ${batch.shardId} carries a stranger`);
      else if (!ledger.passes(event))
        ledger.violate('I1', `a delivery of ${batch.shardId} carries what is filtered out`);
      else records.push(record);
    }
    return { records, gapIds };
  };

  return {
    called: (process, batch) => {
      const generation = ledger.heldBy(process, batch.shardId);
      checkLease(process, batch.shardId, generation);
      const { records, gapIds } = contentsOf(batch);
      const start = generation?.start;
      const momentMs = start === undefined || start.at === 'trim-horizon' ? 0 : start.momentMs;
      for (const { createdAtMs, sequenceNumber } of records) {
        if (createdAtMs < momentMs) ledger.violate('D7', `${sequenceNumber} is delivered, written before the start`);
      }
      return {
        number: ++count,
        process,
        shardId: batch.shardId,
        generation,
        records,
        gapIds,
        identifiers: batch.sequenceNumbers,
        wasDelayed: false,
        isLost: false,
      };
    },
    started: (delivery) => {
      for (const other of running) {
        if (other.wasDelayed || delivery.wasDelayed) continue;
        const item = delivery.records.find(({ key }) => other.records.some((record) => record.key === key));
        if (item) {
          ledger.violate(
            'I2',
            `deliveries ${other.number} and ${delivery.number} of item ${item.key} are in flight at once`,
          );
        }
      }
      running.add(delivery);
    },
    given: ({ generation, records }, eventId) => {
      const record = records.find(({ event }) => event.eventID === eventId);
      if (!record || !generation || generation.given.has(eventId)) return;
      generation.given.add(eventId);
      const newest = generation.newestGiven.get(record.key) ?? -1;
      if (orderOf(record) < newest) {
        ledger.violate('I2', `change ${record.sequenceNumber} of item ${record.key} first arrives after a newer one`);
      }
      generation.newestGiven.set(record.key, Math.max(newest, orderOf(record)));
    },
    ended: (delivery) => running.delete(delivery),
    answered: ({ generation, records, gapIds, identifiers }, answer) => {
      if (answer.kind !== 'answered') return;
      const settled = settledOf(identifiers, answer.response);
      for (const record of records) {
        if (identifiers.indexOf(record.sequenceNumber) < settled) generation?.accepted.add(record.event.eventID);
      }
      for (const id of gapIds) if (identifiers.indexOf(id) < settled) gapsTold.add(id);
    },
    stored: (process, shardId, payload) => {
      const generation = ledger.heldBy(process, shardId);
      for (const event of (JSON.parse(payload) as { Records: readonly EventRecord[] }).Records) {
        generation?.accepted.add(event.eventID);
        generation?.given.add(event.eventID);
      }
    },
    running: (shardId) => [...running].filter((delivery) => delivery.shardId === shardId),
    gapsTold,
  };
}

/** How many leading records an answer settles, by the rule of Lambda's partial batch responses. */
function settledOf(identifiers: readonly string[], response: unknown): number {
  const failures = (response as { batchItemFailures?: readonly { itemIdentifier: string }[] } | null)
    ?.batchItemFailures;
  return Math.min(
    identifiers.length,
    ...(failures ?? []).map(({ itemIdentifier }) => Math.max(0, identifiers.indexOf(itemIdentifier))),
  );
}

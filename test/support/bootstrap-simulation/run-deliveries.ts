import type { LeaseRow } from '../../../shared/core/lease.ts';
import type { Batch } from '../../../shared/core/ports.ts';
import type { EventRecord } from '../../../shared/core/record.ts';
import { scanPart } from '../../../shared/core/scan.ts';
import { phaseOf } from '../../../shared/core/subscription.ts';
import type { LeaseWrite } from '../../../shared/testing/simulated-state.ts';
import type { Deliveries, DeliveryTruth } from '../simulation/check-deliveries.ts';
import type { World } from '../simulation/world.ts';

/** The checks of deliveries, with those of a run's: what excludes what, and what comes before what. */
export interface RunDeliveries extends Deliveries {
  readonly scanLease: (write: LeaseWrite) => void;
  /** The function has taken a record. */
  readonly applied: (delivery: DeliveryTruth, record: EventRecord) => void;
  /** Whether a worker was frozen past its lease: then a plain sink may hold anything. */
  readonly wasDelayed: () => boolean;
  readonly areRunning: () => boolean;
  /** The run's table is dropped: unless all of its items are settled, it is never to end. False when they are. */
  readonly dropped: (run: number) => boolean;
}

const isOfScan = (shardId: string): boolean => scanPart(shardId) !== null;

export function runDeliveriesOf({ ledger, clock, deliveries, timeoutMs }: World): RunDeliveries {
  const running = new Set<DeliveryTruth>();
  const leases = new Map<string, LeaseRow>();
  const settledStarts = new Set<string>();
  const completed = new Set<string>();
  const endless = new Set<string>();
  let scanDeliveries = 0;
  let isDelayed = false;

  const checkScanLease = (name: string, owners: ReadonlySet<string>, shardId: string): void => {
    // Every run has segments of the same names.
    const row = [...leases.values()].find((held) => held.shardId === shardId && held.owner && owners.has(held.owner));
    if (!row) ledger.violate('D4', `${name} delivers ${shardId} without its lease`);
    else if (row.expiresAtMs < clock.nowMs() + timeoutMs) {
      ledger.violate('D4', `${name} delivers ${shardId} with a lease that is too short`);
    }
  };
  const called = (process: DeliveryTruth['process'], batch: Batch): DeliveryTruth => {
    checkScanLease(process.name, process.ids, batch.shardId);
    return {
      number: 1_000_000 + ++scanDeliveries,
      process,
      shardId: batch.shardId,
      generation: undefined,
      records: [],
      gapIds: [],
      identifiers: batch.sequenceNumbers,
      wasDelayed: false,
      isLost: false,
    };
  };

  return {
    ...deliveries,
    called: (process, batch) => (isOfScan(batch.shardId) ? called(process, batch) : deliveries.called(process, batch)),
    started: (delivery) => {
      isDelayed ||= delivery.wasDelayed;
      const isScan = isOfScan(delivery.shardId);
      const pointer = ledger.pointer();
      // As long as the phase before is waited for, what it has begun to deliver may start.
      if (!delivery.wasDelayed && pointer?.isPreviousFree && isScan !== (phaseOf(pointer).kind === 'scanning')) {
        const { kind } = phaseOf(pointer);
        ledger.violate('D12', `delivery ${delivery.number} of ${delivery.shardId} starts while ${kind}`);
      }
      for (const other of running) {
        if (other.wasDelayed || delivery.wasDelayed || isOfScan(other.shardId) === isScan) continue;
        ledger.violate(
          'D12',
          `deliveries ${other.number} and ${delivery.number}, of scan and stream, are in flight at once`,
        );
      }
      running.add(delivery);
      if (!isScan) deliveries.started(delivery);
    },
    ended: (delivery) => {
      running.delete(delivery);
      if (!isOfScan(delivery.shardId)) deliveries.ended(delivery);
    },
    running: (shardId) => [...running].filter((delivery) => delivery.shardId === shardId),
    scanLease: ({ key, next }) => leases.set(`${key.generation} ${key.stream.createdAtMs} ${next.shardId}`, next),
    applied: ({ wasDelayed }, record) => {
      if (record.eventSource !== 'millrace' || wasDelayed) return;
      const run = /^run-(\d+):/.exec(record.eventID)?.[1] ?? '';
      if (record.eventName === 'SNAPSHOT_STARTED') settledStarts.add(run);
      if (record.eventName === 'SNAPSHOT_COMPLETE') completed.add(run);
      if (completed.has(run) && endless.has(run)) {
        ledger.violate('I8', `run ${run} ends, though its table was dropped before all of it was read`);
      }
      if (record.eventName !== 'SNAPSHOT') return;
      if (!settledStarts.has(run)) ledger.violate('D12', `an item of run ${run} comes before its beginning`);
      if (completed.has(run)) ledger.violate('D12', `an item of run ${run} comes after its end`);
    },
    wasDelayed: () => isDelayed,
    areRunning: () => running.size > 0,
    dropped: (run) => {
      const isOfRun = ([key, { shardId }]: readonly [string, LeaseRow]): boolean =>
        scanPart(shardId)?.kind === 'segment' && key.split(' ')[1] === String(run);
      const segments = [...leases].filter(isOfRun).map(([, row]) => row);
      const isRead = segments.length > 0 && segments.every(({ position }) => position.at === 'shard-end');
      if (!isRead) endless.add(String(run));
      return !isRead;
    },
  };
}

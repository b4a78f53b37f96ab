import type { Batch, Delivery, LeaseKey } from '../../../shared/core/ports.ts';
import type { ChangeEvent, EventRecord, RawItem } from '../../../shared/core/record.ts';
import { streamCreatedAtMs } from '../../../shared/core/stream-time.ts';
import { simulatedSink } from '../../../shared/testing/simulated-sink.ts';
import { simulatedState } from '../../../shared/testing/simulated-state.ts';
import type { DeliveryTruth } from '../simulation/check-deliveries.ts';
import { checkControl, checkLease } from '../simulation/check-leases.ts';
import type { Process } from '../simulation/process.ts';
import type { Trace } from '../simulation/trace.ts';
import { type World, worldOf } from '../simulation/world.ts';
import { type RunDeliveries, runDeliveriesOf } from './run-deliveries.ts';
import type { BootstrapScenario } from './scenario.ts';
import { type ItemSink, plainSink, versionedSink, writeOf } from './sinks.ts';

/** A world whose table is scanned, and whose function fills two sinks. */
export interface BootstrapWorld extends World {
  readonly deliveries: RunDeliveries;
  readonly plain: ItemSink;
  readonly versioned: ItemSink;
  /** What a page of the scan reads: the table as it is, or as it was a while ago. */
  readonly scanned: () => ReadonlyMap<string, RawItem>;
  /** Whether pages are read eventually consistently. */
  isStale: boolean;
  /** Every table that has had the name: when it was created, and what was written to it. */
  readonly tables: { readonly createdAtMs: number; readonly writes: Set<number> }[];
  /** What the sinks are to hold. */
  readonly expected: () => ReadonlyMap<string, number>;
}

/** An eventually consistent page may miss what was written shortly before. */
const STALE_MS = 5_000;

const isScan = (key: LeaseKey): boolean => key.stream.arn.startsWith('scan:');

export function bootstrapWorldOf(
  scenario: BootstrapScenario,
  traceOf: (clock: World['clock']) => Trace,
): BootstrapWorld {
  const base = worldOf(scenario.base, traceOf);
  const { clock, ledger, stream, random, rates, timeoutMs, trace } = base;
  const deliveries = runDeliveriesOf(base);
  let actor: Process | null = null;
  const state = simulatedState({
    clock,
    onLease: (write) => {
      if (isScan(write.key)) deliveries.scanLease(write);
      else checkLease(ledger, deliveries, actor, write);
    },
    onControl: (_subscription, previous, next) => {
      if (next.kind === 'stream' && next.run !== undefined) return;
      checkControl(ledger, actor, previous, next);
      if (next.kind === 'pointer') trace(() => `POINTER ${JSON.stringify(next)}`);
    },
  });
  const [plain, versioned] = [plainSink(), versionedSink()];
  const tables: BootstrapWorld['tables'] = [{ createdAtMs: clock.nowMs(), writes: new Set() }];
  /** What is wrong with a snapshot: it has to be of the table whose stream it names. */
  const strangeSnapshot = ({ eventName, eventID, eventSourceARN, dynamodb }: EventRecord): string | null => {
    if (eventName !== 'SNAPSHOT') return null;
    const table = tables.findLast(({ createdAtMs }) => createdAtMs <= streamCreatedAtMs(eventSourceARN));
    const write = writeOf(dynamodb.NewImage);
    return table?.writes.has(write) ? null : `write ${write} of another table comes as ${eventID}`;
  };

  const run = async ({ Records }: ChangeEvent, truth: DeliveryTruth, signal: AbortSignal): Promise<unknown> => {
    const { handlerPartial, handlerThrows, handlerSlow, handlerHangs } = rates();
    const ending = Object.entries({ partial: handlerPartial, throws: handlerThrows, hangs: handlerHangs }).find(
      ([, rate]) => random.chance(rate),
    )?.[0];
    const failsAt = ending ? random.whole(0, Records.length - 1) : -1;
    const eachMs = random.chance(handlerSlow) ? Math.ceil(timeoutMs / 4) : scenario.base.recordMs;
    for (const [index, record] of Records.entries()) {
      if (record.eventSource === 'aws:dynamodb') deliveries.given(truth, record.eventID);
      if (eachMs > 0) await clock.sleep(eachMs, signal);
      if (signal.aborted) return null;
      deliveries.applied(truth, record);
      const broken =
        strangeSnapshot(record) ?? versioned.apply(record) ?? (deliveries.wasDelayed() ? null : plain.apply(record));
      if (broken) ledger.violate('I8', broken);
      if (index !== failsAt) continue;
      if (ending === 'hangs') await clock.sleep(Number.MAX_SAFE_INTEGER, signal);
      if (ending === 'throws') throw new Error('simulated: the handler throws');
      return { batchItemFailures: [{ itemIdentifier: record.dynamodb.SequenceNumber }] };
    }
    return { batchItemFailures: [] };
  };
  const invoke = async (batch: Batch, truth: DeliveryTruth): Promise<Delivery> => {
    deliveries.started(truth);
    const handler = (event: ChangeEvent, { signal }: { readonly signal: AbortSignal }) => run(event, truth, signal);
    const delivery = await simulatedSink({ clock, timeoutMs, handler }).deliver(batch);
    deliveries.ended(truth);
    trace(() => `delivery ${truth.number} of ${truth.process.name} ended: ${JSON.stringify(delivery)}`);
    return delivery;
  };

  const past: { readonly atMs: number; readonly items: ReadonlyMap<string, RawItem> }[] = [];
  const world: BootstrapWorld = {
    ...base,
    tables,
    isStale: false,
    scanned: () => {
      if (!world.isStale) return stream.items();
      past.push({ atMs: clock.nowMs(), items: new Map(stream.items()) });
      return past.find(({ atMs }) => atMs >= clock.nowMs() - STALE_MS)!.items;
    },
    state,
    deliveries,
    invoke,
    plain,
    versioned,
    as: (process, effect) => {
      actor = process;
      const result = effect();
      actor = null;
      return result;
    },
    expected: () => {
      const passing = [...stream.items()].filter(([, item]) => ledger.passes({ dynamodb: { Keys: { pk: item.pk } } }));
      return new Map(passing.map(([key, item]) => [key, writeOf(item)]));
    },
  };
  return world;
}

import type { Failed, Page, Source } from '../../../shared/core/ports.ts';
import type { RawItem } from '../../../shared/core/record.ts';
import { scanPart, scanShards, streamArnOf } from '../../../shared/core/scan.ts';
import { completeRecord, snapshotRecord, startedRecord } from '../../../shared/core/snapshot-record.ts';
import type { Random } from '../../../shared/testing/simulated-random.ts';
import { itemHash } from '../../../shared/testing/simulated-shard.ts';
import type { ScanPorts } from '../../../shared/walker/context.ts';
import type { Process } from '../simulation/process.ts';
import { strike } from '../simulation/strike.ts';
import type { BootstrapScenario } from './scenario.ts';
import type { BootstrapWorld } from './world.ts';

/** Where a segment goes on: after this key, of which the item was the `ordinal`th. */
interface Place {
  readonly shardId: string;
  readonly after: string | null;
  readonly ordinal: number;
}

/** The table's scan as one walk gets it: throttled, failing, slow. Each page is of one moment, no two of the same. */
export function simulatedScan(
  world: BootstrapWorld,
  process: Process,
  random: Random,
  scenario: BootstrapScenario,
): ScanPorts {
  const { rates, trace, fault } = world;
  const { tableBytes, pageItems, pageMs } = scenario.scan;

  const call = async <T>(name: string, effect: () => T): Promise<T | Failed> => {
    const { sourceThrottles, sourceFails, sourceThrows } = rates();
    const trip = strike(world, process, random);
    const isThrown = random.chance(sourceThrows);
    const reason = random.chance(sourceThrottles) ? 'throttled' : random.chance(sourceFails) ? 'unavailable' : null;
    if (isThrown || reason) {
      fault();
      trace(() => `${process.name} ${name} ${reason ?? 'THROWS'}`);
    }
    return process.call<T | Failed>(
      name,
      async () => {
        if (isThrown) throw new Error(`simulated failure of ${name}`);
        return reason ? { kind: 'failed', reason, message: 'simulated' } : effect();
      },
      trip,
    );
  };

  const page = (streamArn: string, run: number, segments: number, place: Place, segment: number): Page => {
    const { shardId, after, ordinal } = place;
    const items = world.scanned();
    const keys = [...items.keys()]
      .filter((key) => itemHash(key) % segments === segment && (after === null || isAfter(key, after)))
      .sort((a, b) => (isAfter(a, b) ? 1 : -1));
    const taken = keys.slice(0, pageItems);
    const nowMs = process.clock.nowMs();
    const records = taken.map((key, index) => {
      const item: RawItem = items.get(key)!;
      return snapshotRecord(item, ['pk'], { streamArn, run, shardId, ordinal: ordinal + index + 1, nowMs });
    });
    const last = taken.at(-1);
    const next: Place = { shardId, after: last ?? after, ordinal: ordinal + taken.length };
    trace(() => `${process.name} scans ${shardId} of run ${run}: ${taken.join()}`);
    return { kind: 'page', records, next: taken.length < pageItems ? null : JSON.stringify(next) };
  };

  let freeAtMs = 0;
  /** Nothing yet, while the pages before are being paid for. */
  const wait = async (text: string): Promise<Page | null> => {
    if (freeAtMs <= process.clock.nowMs()) return null;
    await process.clock.sleep(Math.min(1_000, freeAtMs - process.clock.nowMs()));
    return { kind: 'page', records: [], next: text };
  };
  const source = (run: number, segments: number): Source => ({
    iteratorLifetimeMs: Number.MAX_SAFE_INTEGER,
    retentionMs: Number.POSITIVE_INFINITY,
    storesPages: true,
    current: async () => ({ kind: 'no-stream', message: 'a scan is no stream' }),
    listShards: async () => ({ kind: 'page', shards: scanShards(segments), next: null, open: false }),
    childrenOf: async () => ({ kind: 'unsupported' }),
    open: async (_stream, shardId, position) => {
      const place: Place =
        position.at === 'after-item'
          ? { shardId, after: position.key === '' ? null : keyIn(position.key), ordinal: position.ordinal }
          : { shardId, after: null, ordinal: 0 };
      return { kind: 'opened', iterator: JSON.stringify(place) };
    },
    read: async (scan, text) => {
      const place = JSON.parse(text) as Place;
      const part = scanPart(place.shardId);
      const streamArn = streamArnOf(scan);
      if (part?.kind === 'segment') {
        const waited = await wait(text);
        if (waited) return waited;
        freeAtMs = process.clock.nowMs() + pageMs;
        return call('scan', () =>
          world.stream.tableExists() ? page(streamArn, run, segments, place, part.segment) : NO_TABLE,
        );
      }
      const marker = part?.kind === 'complete' ? completeRecord : startedRecord;
      const records = place.ordinal > 0 ? [] : [marker({ streamArn, run, nowMs: process.clock.nowMs() })];
      return { kind: 'page', records, next: null };
    },
  });
  return {
    tableBytes: async () => {
      const bytes = await call('tableBytes', () => tableBytes);
      if (typeof bytes !== 'number') throw new Error('simulated failure of tableBytes');
      return bytes;
    },
    source,
  };
}

const NO_TABLE: Failed = { kind: 'failed', reason: 'unavailable', message: 'there is no table to scan' };

const keyIn = (key: string): string => (JSON.parse(key) as { readonly pk: { readonly S: string } }).pk.S;

/** The order of a scan: by hash, as nobody can foresee. */
const isAfter = (a: string, b: string): boolean => itemHash(a) > itemHash(b) || (itemHash(a) === itemHash(b) && a > b);

import { setTimeout as sleep } from 'node:timers/promises';
import type { Source, SourceRecord } from '../../shared/core/ports.ts';

export interface Pacing {
  readonly pages: number;
  readonly pageRecords: number;
  /** How long a read takes. */
  readonly readMs: number;
  /** How many items the records are of, in turn. */
  readonly items: number;
}

export const PACED_SHARD = 'shardId-00000001767225600000-00000000';

/** The item of the record with a number, counted from 0. */
export const itemOf = (number: number, { items }: Pacing): number => number % items;
export const numberOf = (sequenceNumber: string): number => Number(sequenceNumber) - 1;

/** One page of the source, after the time that a read takes. */
export async function pacedPage(page: number, pacing: Pacing): Promise<readonly SourceRecord[]> {
  if (pacing.readMs > 0) await sleep(pacing.readMs);
  if (page >= pacing.pages) return [];
  return Array.from({ length: pacing.pageRecords }, (_, index) => record(page * pacing.pageRecords + index, pacing));
}

/** One open shard of small records, whose reads take their time. */
export function pacedSource(pacing: Pacing): Source {
  const stream = { arn: 'arn:aws:dynamodb:eu-central-1:123456789012:table/orders/stream/1', createdAtMs: 0 };
  const shard = {
    shardId: PACED_SHARD,
    parents: [],
    startingSequenceNumber: '1',
    isClosed: false,
    createdAtMs: 1_767_225_600_000,
  };
  return {
    iteratorLifetimeMs: 840_000,
    current: async () => ({ kind: 'stream', stream, open: true }),
    listShards: async () => ({ kind: 'page', shards: [shard], next: null, open: true }),
    childrenOf: async () => ({ kind: 'children', shards: [] }),
    open: async () => ({ kind: 'opened', iterator: '0' }),
    read: async (_stream, iterator) => ({
      kind: 'page',
      records: await pacedPage(Number(iterator), pacing),
      next: String(Number(iterator) + 1),
    }),
  };
}

function record(number: number, pacing: Pacing): SourceRecord {
  const sequenceNumber = String(number + 1);
  const itemKey = `item-${itemOf(number, pacing)}`;
  return {
    sequenceNumber,
    createdAtMs: 1_767_225_600_000 + number,
    itemKey: () => itemKey,
    event: { eventID: sequenceNumber, dynamodb: { Keys: { id: { S: itemKey } }, SequenceNumber: sequenceNumber } },
  };
}

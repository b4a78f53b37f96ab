import type { BatchResponse, ChangeEvent, EventRecord } from '../shared/core/record.ts';
import { WRITTEN_AT } from './orders-table.ts';

/** What a handler has accepted so far. */
export interface ChangeTally {
  /** How many changes of each kind, by the name that the handler knows it under; one that came twice counts once. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly total: number;
  /** From the time written inside an item to its handler's return, in milliseconds, for every change that has one. */
  readonly lagsMs: readonly number[];
}

/** Counts what a handler accepts. */
export function changeCounter(): {
  readonly add: (event: ChangeEvent, response: BatchResponse, nowMs: number) => void;
  readonly tally: () => ChangeTally;
} {
  const kinds = new Map<string, number>();
  const seen = new Set<string>();
  const lagsMs: number[] = [];
  return {
    add: (event, response, nowMs) => {
      for (const record of accepted(event, response)) {
        if (seen.has(record.eventID)) continue;
        seen.add(record.eventID);
        const kind = record.eventName.toLowerCase();
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
        const writtenAtMs = writtenAt(record);
        if (writtenAtMs !== undefined) lagsMs.push(nowMs - writtenAtMs);
      }
    },
    tally: () => ({ kinds: Object.fromEntries(kinds), total: seen.size, lagsMs: [...lagsMs] }),
  };
}

/** The records before the first that the handler named as failed. */
function accepted(event: ChangeEvent, response: BatchResponse): readonly EventRecord[] {
  const failed = new Set(response.batchItemFailures.map((failure) => failure.itemIdentifier));
  const first = event.Records.findIndex((record) => failed.has(record.dynamodb.SequenceNumber));
  return first < 0 ? event.Records : event.Records.slice(0, first);
}

function writtenAt(record: EventRecord): number | undefined {
  const value = record.dynamodb.NewImage?.[WRITTEN_AT];
  return value !== undefined && 'N' in value ? Number(value.N) : undefined;
}

/**
 * The nearest-rank percentile: the smallest of the values that `percent` percent of them do not exceed.
 * @param percent above 0, up to 100.
 */
export function percentile(values: readonly number[], percent: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1];
}

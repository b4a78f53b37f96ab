import type { SourceRecord } from './ports.ts';
import { afterItem } from './position.ts';
import type { MillraceEventRecord, RawItem } from './record.ts';

/** Where a record of a run belongs. */
export interface RunMoment {
  readonly streamArn: string;
  readonly run: number;
  readonly nowMs: number;
}

/** An item's place in its segment. */
export interface ItemPlace extends RunMoment {
  readonly shardId: string;
  /** Counted from 1. */
  readonly ordinal: number;
}

/** An existing item, as a record of a run. Where its segment goes on after it is its key. */
export function snapshotRecord(item: RawItem, keyNames: readonly string[], place: ItemPlace): SourceRecord {
  const keys: RawItem = Object.fromEntries(keyNames.flatMap((name) => (name in item ? [[name, item[name]!]] : [])));
  const key = JSON.stringify(keys);
  const sequenceNumber = `${place.shardId}:${place.ordinal}`;
  const event = eventOf('SNAPSHOT', sequenceNumber, place, { Keys: keys, NewImage: item });
  return {
    sequenceNumber,
    createdAtMs: place.nowMs,
    itemKey: () => key,
    position: afterItem(key, place.ordinal),
    event,
    // Filters are written for changes: to them it is the item's insert.
    content: { ...event, eventName: 'INSERT', eventSource: 'aws:dynamodb' },
  };
}

/** A run's beginning: settled before any of its items. */
export const startedRecord = (moment: RunMoment): SourceRecord => marker('SNAPSHOT_STARTED', 'started', moment);

/** A run's end: begun after all its items are settled. */
export const completeRecord = (moment: RunMoment): SourceRecord => marker('SNAPSHOT_COMPLETE', 'complete', moment);

function marker(eventName: 'SNAPSHOT_STARTED' | 'SNAPSHOT_COMPLETE', place: string, moment: RunMoment): SourceRecord {
  return {
    sequenceNumber: place,
    createdAtMs: moment.nowMs,
    itemKey: () => place,
    position: afterItem('', 1),
    // No filter on an item's attributes would let it pass.
    content: null,
    event: eventOf(eventName, place, moment, {}),
  };
}

function eventOf(
  eventName: MillraceEventRecord['eventName'],
  SequenceNumber: string,
  { streamArn, run, nowMs }: RunMoment,
  images: { readonly Keys?: RawItem; readonly NewImage?: RawItem },
): MillraceEventRecord {
  return {
    eventID: `run-${run}:${SequenceNumber}`,
    eventName,
    eventVersion: '1',
    eventSource: 'millrace',
    awsRegion: streamArn.split(':')[3] ?? '',
    eventSourceARN: streamArn,
    dynamodb: { ApproximateCreationDateTime: Math.floor(nowMs / 1000), ...images, SequenceNumber },
    millrace: { run },
  };
}

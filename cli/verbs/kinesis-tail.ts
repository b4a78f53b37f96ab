import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { kinesisLatestIterator } from '../../shared/aws/kinesis-latest-iterator.ts';
import { kinesisSource } from '../../shared/aws/kinesis-source.ts';
import { isKinesisRecord, kinesisChange } from '../../shared/core/kinesis-record.ts';
import type { Clock, SourceRecord } from '../../shared/core/ports.ts';
import type { TailSource } from '../../shared/core/tail-source.ts';

/** All readers of a shard share five reads a second: a tail takes one of them. */
const READERS = 5;

/** A Kinesis stream that a table publishes to, with its records as changes of the table. */
export function kinesisTail(client: KinesisClient, streamName: string, clock: Clock): TailSource {
  const source = kinesisSource({ client, streamName, readers: READERS, nowMs: clock.nowMs });
  return {
    ...source,
    openLatest: (_, shardId) => kinesisLatestIterator(client, streamName, shardId),
    read: async (stream, iterator) => {
      const page = await source.read(stream, iterator);
      return page.kind === 'page' ? { ...page, records: page.records.map(asChange) } : page;
    },
  };
}

const asChange = (record: SourceRecord): SourceRecord =>
  isKinesisRecord(record.event) ? { ...record, event: kinesisChange(record.event) } : record;

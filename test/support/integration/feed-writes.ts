import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { insertOf, modifyOf, removeOf } from '../../../shared/testing/index.ts';
import { feedOf, type TestStream } from '../kinesalite.ts';
import type { ItemWrites } from './item-writes.ts';

/** PutRecords' most. */
const RECORDS_A_REQUEST = 500;
const REMOVED_EVERY = 5;

/**
 * Puts what DynamoDB would put into a stream for the changes that `writeItems` makes: each item in the order of its
 * changes, under a partition key of its own.
 */
export async function writeFeed(stream: TestStream, { items, fromRound, rounds, pause }: ItemWrites): Promise<number> {
  for (let round = fromRound; round < fromRound + rounds; round++) {
    for (let from = 0; from < items; from += RECORDS_A_REQUEST) {
      const ids = Array.from({ length: Math.min(RECORDS_A_REQUEST, items - from) }, (_, n) => `item-${from + n}`);
      await put(stream, ids, round);
    }
    await pause?.();
  }
  return items * rounds;
}

/** Repeats what the engine refused, before the item's next change is written. */
async function put({ client, streamName }: TestStream, ids: readonly string[], round: number): Promise<void> {
  for (let rest = ids; rest.length > 0; ) {
    const Records = rest.map((id) => ({ PartitionKey: id, Data: Buffer.from(change(id, round)) }));
    const answer = await client.send(new PutRecordsCommand({ StreamName: streamName, Records }));
    rest = rest.filter((_id, index) => answer.Records?.[index]?.ErrorCode !== undefined);
  }
}

function change(id: string, round: number): string {
  const [before, after] = [
    { id, n: round - 1 },
    { id, n: round },
  ];
  const options = { tableName: 'orders', from: new Date(Date.now()), firstSequenceNumber: 10n ** 20n + BigInt(round) };
  if (round % REMOVED_EVERY === REMOVED_EVERY - 1) return feedOf(removeOf(before), options);
  return feedOf(round % REMOVED_EVERY === 0 ? insertOf(after) : modifyOf(before, after), options);
}

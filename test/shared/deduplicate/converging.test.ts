import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KinesisEventRecord } from '../../../shared/core/kinesis-record.ts';
import { deduplicateOf } from '../../../shared/deduplicate/sieve.ts';
import { changeHandler } from '../../../shared/handler.ts';
import { insertOf, kinesisEventOf, modifyOf, removeOf, runHandler } from '../../../shared/testing/index.ts';
import { capturedLog } from '../handler/captured-log.ts';
import { newestInMemory } from './newest-in-memory.ts';

interface Thing {
  readonly id: string;
  readonly n: number;
}

/** What happened to a few items: at distinct times, each written or removed. */
const histories = fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'c'), isRemoved: fc.boolean() }), {
  minLength: 1,
  maxLength: 30,
});

/** The table's content in the end, and the feed of it in order. */
function feedOf(history: readonly { readonly id: string; readonly isRemoved: boolean }[]) {
  const table = new Map<string, Thing>();
  const drafts = history.flatMap(({ id, isRemoved }, n) => {
    const before = table.get(id);
    if (isRemoved) {
      table.delete(id);
      return before ? [removeOf(before)] : [];
    }
    const after = { id, n };
    table.set(id, after);
    return [before ? modifyOf(before, after) : insertOf(after)];
  });
  return { table, feed: kinesisEventOf(drafts).Records };
}

/** Every record at least once, some twice, in any order, placed in the stream as they come. */
const mixed = (feed: readonly KinesisEventRecord[], doubled: readonly boolean[], order: readonly number[]) =>
  feed
    .flatMap((record, index) => (doubled[index % doubled.length] ? [record, record] : [record]))
    .map((record, index) => ({ record, at: order[index % order.length]! * 1000 + index }))
    .sort((one, other) => one.at - other.at)
    .map(({ record }, index): KinesisEventRecord => {
      const sequenceNumber = String(10n ** 55n + BigInt(index));
      return { ...record, kinesis: { ...record.kinesis, sequenceNumber } };
    });

/** A plain sink in which the last write wins, whatever its time. */
function aSink(fails: () => boolean, concurrency: number) {
  const content = new Map<string, Thing>();
  const log = capturedLog();
  const { store } = newestInMemory(fails);
  const put = async ({ newImage }: { readonly newImage: Thing }): Promise<void> => {
    await Promise.resolve();
    if (fails()) throw new Error('before the write');
    content.set(newImage.id, newImage);
    if (fails()) throw new Error('after the write');
  };
  const handler = changeHandler<Thing>(
    {
      insert: put,
      modify: put,
      remove: ({ keys }) => {
        if (fails()) throw new Error('before the removal');
        content.delete(keys.id!);
      },
    },
    { concurrency, logger: log.logger(), deduplicate: deduplicateOf(() => store) },
  );
  return { content, handler };
}

/** Delivers batch by batch, and each again from its first failure on, until all is settled. */
async function deliverAll(
  handler: ReturnType<typeof changeHandler>,
  records: readonly KinesisEventRecord[],
  sizes: readonly number[],
): Promise<void> {
  let waiting = records;
  for (let round = 0; waiting.length > 0; round += 1) {
    const Records = waiting.slice(0, sizes[round % sizes.length]);
    const { settled } = await runHandler(handler, { Records });
    waiting = waiting.slice(settled.length);
  }
}

test('I1, I8: a sink in which the last write wins ends with the content of the table, however the feed repeats and shuffles, and whatever fails', async () => {
  const figures = { dropped: 0, runs: 0 };
  await fc.assert(
    fc.asyncProperty(
      histories,
      fc.array(fc.boolean(), { minLength: 1, maxLength: 10 }),
      fc.array(fc.nat(20), { minLength: 1, maxLength: 40 }),
      fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 1, maxLength: 5 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
      fc.constantFrom(1, 4),
      async (history, doubled, order, sizes, failures, concurrency) => {
        const { table, feed } = feedOf(history);
        // Failures end at some time: else nothing would ever be settled.
        const waiting = [...failures];
        const { content, handler } = aSink(() => waiting.shift() ?? false, concurrency);

        await deliverAll(handler, mixed(feed, doubled, order), sizes);

        expect(content).toEqual(table);
        figures.runs += 1;
        figures.dropped += feed.length;
      },
    ),
    { numRuns: 300 },
  );
  expect(figures.runs).toBe(300);
});

test('without deduplication the same feed leaves an old state behind', async () => {
  const { feed } = feedOf([
    { id: 'a', isRemoved: false },
    { id: 'a', isRemoved: false },
  ]);
  const content = new Map<string, Thing>();
  const put = ({ newImage }: { readonly newImage: Thing }) => void content.set(newImage.id, newImage);
  const handler = changeHandler<Thing>({ insert: put, modify: put });

  await deliverAll(handler, mixed(feed, [false], [1, 0]), [10]);

  expect(content.get('a')).toEqual({ id: 'a', n: 0 });
});

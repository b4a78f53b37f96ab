import { beforeEach, describe, expect, test } from 'vitest';
import { MillraceError } from '../../../shared/core/errors.ts';
import type { KinesisEventRecord } from '../../../shared/core/kinesis-record.ts';
import { deduplicateOf } from '../../../shared/deduplicate/sieve.ts';
import { deduplicateTable } from '../../../shared/deduplicate.ts';
import type { ChangeFunctions } from '../../../shared/handler.ts';
import { changeHandler } from '../../../shared/handler.ts';
import { eventOf, insertOf, kinesisEventOf, modifyOf, runHandler } from '../../../shared/testing/index.ts';
import { capturedLog } from '../handler/captured-log.ts';
import { newestInMemory } from './newest-in-memory.ts';

const log = capturedLog();
beforeEach(() => log.clear());

interface Thing {
  readonly id: string;
  readonly n: number;
}

/** A handler with deduplication that notes what it accepts. */
function aHandler(run: (thing: Thing) => unknown = () => {}, memory = newestInMemory()) {
  const accepted: string[] = [];
  const take = async ({ newImage }: { readonly newImage: Thing }): Promise<void> => {
    await run(newImage);
    accepted.push(`${newImage.id}${newImage.n}`);
  };
  const handler = changeHandler<Thing>(
    { insert: take, modify: take },
    { logger: log.logger(), deduplicate: deduplicateOf(() => memory.store) },
  );
  return { handler, accepted, memory };
}

/** The changes of one item, a second apart: its n-th is at place n - 1. */
const history = (id: string, count: number, more: Parameters<typeof kinesisEventOf>[1] = {}) =>
  kinesisEventOf(
    Array.from({ length: count }, (_, index) => modifyOf({ id, n: index }, { id, n: index + 1 })),
    more,
  ).Records;

let sequenceNumber = 10n ** 55n;

/** Sends records as they arrive in the stream: each in a place of its own, whatever change it carries. */
const send = (handler: ReturnType<typeof changeHandler>, ...records: readonly (KinesisEventRecord | undefined)[]) => {
  const Records = records.flatMap((record) => {
    sequenceNumber += 1n;
    return record ? [{ ...record, kinesis: { ...record.kinesis, sequenceNumber: String(sequenceNumber) } }] : [];
  });
  return runHandler(handler, { Records });
};

test('a change that was accepted is dropped when it comes again, also in another event', async () => {
  const { handler, accepted } = aHandler();
  const [first, second] = history('a', 2);

  await send(handler, first, first, second);
  const again = await send(handler, second, first);

  expect(accepted).toEqual(['a1', 'a2']);
  expect(again.retried).toEqual([]);
});

test('a change that is older than one that was accepted is dropped', async () => {
  const { handler, accepted } = aHandler();
  const [first, second, third] = history('a', 3);

  await send(handler, second, first);
  await send(handler, first, third);

  expect(accepted).toEqual(['a2', 'a3']);
});

test('items are told apart, also by their tables', async () => {
  const { handler, accepted } = aHandler();
  const [, newA] = history('a', 2);
  const [oldB] = history('b', 1);
  const [oldOther] = history('a', 1, { tableName: 'other' });

  await send(handler, newA, oldB, oldOther);

  expect(accepted).toEqual(['a2', 'b1', 'a1']);
});

test('different changes at the same time are delivered as they come, each of them once', async () => {
  const { handler, accepted } = aHandler();
  const at = (n: number, firstSequenceNumber: bigint) =>
    kinesisEventOf([modifyOf({ id: 'a', n: 0 }, { id: 'a', n })], { firstSequenceNumber }).Records[0];
  const [one, two] = [at(1, 10n ** 20n), at(2, 2n * 10n ** 20n)];

  await send(handler, one, two);
  await send(handler, one, two);

  expect(accepted).toEqual(['a1', 'a2']);
});

test('microseconds tell changes of one millisecond apart', async () => {
  const { handler, accepted } = aHandler();
  const from = new Date('2026-02-01T00:00:00Z');
  const [record] = history('a', 1, { precision: 'MICROSECOND', from });
  const later = (micros: number, n: number): KinesisEventRecord => {
    const change = JSON.parse(Buffer.from(record!.kinesis.data, 'base64').toString());
    change.eventID = `change-${micros}`;
    change.dynamodb.ApproximateCreationDateTime += micros;
    change.dynamodb.NewImage.n.N = String(n);
    return {
      ...record!,
      kinesis: { ...record!.kinesis, data: Buffer.from(JSON.stringify(change)).toString('base64') },
    };
  };

  await send(handler, later(7, 7), later(6, 6), later(8, 8));

  expect(accepted).toEqual(['a7', 'a8']);
});

test('a time to the millisecond is not older than one to the microsecond within it, whoever changed the precision', async () => {
  const { handler, accepted } = aHandler();
  const [exact] = history('a', 1, { precision: 'MICROSECOND', from: new Date('2026-02-01T00:00:00Z') });
  const change = JSON.parse(Buffer.from(exact!.kinesis.data, 'base64').toString());
  const record = (n: number, time: object): KinesisEventRecord => {
    const dynamodb = { ...change.dynamodb, ...time, NewImage: { id: { S: 'a' }, n: { N: String(n) } } };
    const data = Buffer.from(JSON.stringify({ ...change, eventID: `change-${n}`, dynamodb })).toString('base64');
    return { ...exact!, kinesis: { ...exact!.kinesis, data } };
  };
  const rounded = (ms: number) => ({
    ApproximateCreationDateTime: Date.parse('2026-02-01T00:00:00Z') + ms,
    ApproximateCreationDateTimePrecision: 'MILLISECOND',
  });
  const inMicros = { ApproximateCreationDateTime: change.dynamodb.ApproximateCreationDateTime + 500 };
  const [first, next, older] = [record(1, inMicros), record(2, rounded(0)), record(0, rounded(-1))];

  await send(handler, first);
  await send(handler, next, next, older);
  await send(handler, next, first);

  expect(accepted).toEqual(['a1', 'a2']);
});

test('a change whose handler failed is kept nowhere, and comes again', async () => {
  let isDown = true;
  const { handler, accepted } = aHandler(({ n }) => {
    if (n === 2 && isDown) throw new Error('down');
  });
  const [first, second, third] = history('a', 3);

  const failed = await send(handler, first, second, third);
  isDown = false;
  const again = await send(handler, second, third);

  expect(failed.settled).toHaveLength(1);
  expect(again.retried).toEqual([]);
  expect(accepted).toEqual(['a1', 'a2', 'a3']);
});

test('an older change is not dropped for a newer one that failed', async () => {
  let isDown = true;
  const { handler, accepted } = aHandler(({ n }) => {
    if (n === 2 && isDown) throw new Error('down');
  });
  const [first, second] = history('a', 2);

  const failed = await send(handler, second, first);
  isDown = false;
  await send(handler, first);
  await send(handler, second, first);

  expect(failed.settled).toHaveLength(0);
  expect(accepted).toEqual(['a1', 'a2']);
});

test('the place of a failure is right behind dropped changes', async () => {
  const { handler } = aHandler(({ id }) => {
    if (id === 'b') throw new Error('down');
  });
  const [first, second] = history('a', 2);
  const [other] = history('b', 1);

  const run = await send(handler, first, first, second, first, other, second);

  expect(run.settled).toHaveLength(4);
});

test('a change is settled only when that is kept: what could not be kept comes again', async () => {
  let isAway = false;
  const memory = newestInMemory(() => isAway);
  const { handler, accepted } = aHandler(() => {
    isAway = true;
  }, memory);
  const [first] = history('a', 1);

  const run = await send(handler, first);
  isAway = false;
  const again = await send(handler, first);

  expect(run.settled).toHaveLength(0);
  expect(log.lines()).toMatchObject([{ level: 'ERROR', error: { message: 'the store is away' } }, { level: 'ERROR' }]);
  expect(again.settled).toHaveLength(0);
  expect(accepted).toEqual(['a1', 'a1']);
});

test('an event whose items cannot be looked up is not begun', async () => {
  const { handler, accepted } = aHandler(
    undefined,
    newestInMemory(() => true),
  );

  const run = await send(handler, ...history('a', 2));

  expect(run.error).toEqual(new Error('the store is away'));
  expect(accepted).toEqual([]);
});

test('functions of whole batches get no dropped change', async () => {
  const batches: number[][] = [];
  const functions: ChangeFunctions<Thing> = {
    batch: (changes) =>
      void batches.push(changes.flatMap((change) => ('newImage' in change ? [change.newImage.n] : []))),
  };
  const handler = changeHandler<Thing>(functions, { deduplicate: deduplicateOf(() => newestInMemory().store) });
  const [first, second, third] = history('a', 3);

  await send(handler, first, second, first, third, third);

  expect(batches).toEqual([[1, 2, 3]]);
});

test('a tumbling window gathers no dropped change', async () => {
  const functions: ChangeFunctions<Thing> = {
    window: ({ state, changes }) => ({ count: ((state.count as number) ?? 0) + changes.length }),
  };
  const handler = changeHandler<Thing>(functions, { deduplicate: deduplicateOf(() => newestInMemory().store) });
  const [first, second] = history('a', 2);
  const window = { start: '2026-01-01T00:00:00Z', end: '2026-01-01T00:01:00Z' };

  const run = await runHandler(handler, { Records: [first!, first!, second!], window, state: { count: 1 } });

  expect(run.response).toEqual({ batchItemFailures: [], state: { count: 3 } });
});

test("changes of a table's own stream, gaps and broken data are never dropped", async () => {
  const { handler, accepted, memory } = aHandler();
  const event = eventOf([insertOf({ id: 'a', n: 1 })]);

  await runHandler(handler, { Records: [...event.Records, ...event.Records] });
  const broken = { ...history('b', 1)[0]!, kinesis: { ...history('b', 1)[0]!.kinesis, data: '' } };
  const run = await send(handler, broken);

  expect(accepted).toEqual(['a1', 'a1']);
  expect(run.settled).toHaveLength(0);
  expect(memory.rows.size).toBe(0);
});

test('a new generation has everything again', async () => {
  const { handler, accepted } = aHandler();
  const [first, second] = history('a', 2);

  await send(handler, first, second);
  await send(handler, { ...first!, millrace: { generation: 2 } }, { ...second!, millrace: { generation: 2 } });

  expect(accepted).toEqual(['a1', 'a2', 'a1', 'a2']);
});

test('what is dropped is counted, once it is settled', async () => {
  const lines: string[] = [];
  const write = process.stdout.write;
  process.env.AWS_LAMBDA_FUNCTION_NAME = 'orders';
  process.stdout.write = ((line: string) => lines.push(line) > 0) as typeof process.stdout.write;
  try {
    const { handler } = aHandler(({ id }) => {
      if (id === 'b') throw new Error('down');
    });
    const [first, second] = history('a', 2);
    await send(handler, first, second, second, first, history('b', 1)[0], first, second);
  } finally {
    process.stdout.write = write;
    delete process.env.AWS_LAMBDA_FUNCTION_NAME;
  }

  const figures = lines.map((line) => JSON.parse(line)).find((line) => 'ChangesFailed' in line);
  expect(figures).toMatchObject({ ChangesRepeated: 1, ChangesSuperseded: 1, ChangesFailed: 1 });
});

describe('a table for deduplication', () => {
  const inLambda = async (run: () => Promise<void>): Promise<void> => {
    process.env.AWS_LAMBDA_FUNCTION_NAME = 'orders';
    try {
      await run();
    } finally {
      delete process.env.AWS_LAMBDA_FUNCTION_NAME;
    }
  };

  test('has to be named in Lambda; elsewhere everything is delivered', async () => {
    const seen: unknown[] = [];
    const functions: ChangeFunctions<Thing> = { modify: (change) => seen.push(change) };
    const handler = changeHandler<Thing>(functions, { deduplicate: deduplicateTable(), metrics: false });
    const [first] = history('a', 1);

    await send(handler, first, first);
    expect(seen).toHaveLength(2);
    await inLambda(async () => {
      const inFunction = changeHandler<Thing>(functions, { deduplicate: deduplicateTable(), metrics: false });
      expect((await send(inFunction, first)).error).toEqual(
        new MillraceError(
          'invalid-request',
          'tableName, or the environment variable MILLRACE_DEDUPLICATE_TABLE, must name the table for deduplication, got nothing: give the subscription deduplicate: true',
        ),
      );
    });
  });

  test.each([0, 23, 24.5, 8761])('keeps nothing for %d hours', (retentionHours) => {
    expect(() => deduplicateTable({ retentionHours })).toThrow(/must be a whole number from 24 to 8760/);
  });

  test('that no handler uses is warned of', () => {
    process.env.MILLRACE_DEDUPLICATE_TABLE = 'newest';
    try {
      changeHandler<Thing>({}, { logger: log.logger() });
    } finally {
      delete process.env.MILLRACE_DEDUPLICATE_TABLE;
    }

    expect(log.lines()).toMatchObject([
      { level: 'WARN', message: 'the table newest is never used: changeHandler has no option "deduplicate"' },
    ]);
  });
});

import { describe, expect, test } from 'vitest';
import { retryLater } from '../../../shared/core/retry-later.ts';
import { changeHandler, entity } from '../../../shared/handler.ts';
import { eventOf, gapOf, insertOf, modifyOf, snapshotOf } from '../../../shared/testing/index.ts';
import { capturedLog } from '../handler/captured-log.ts';
import { aHandler, aParking, type Thing } from './a-parking.ts';

const steps = (...names: readonly string[]) =>
  names.map((name) => {
    const [id, step] = [name[0]!, Number(name[1] ?? 0)];
    return step === 0 ? insertOf<Thing>({ id }) : modifyOf<Thing>({ id }, { id, step });
  });
const settled = { batchItemFailures: [] };
const poisonous =
  (...ids: readonly string[]) =>
  ({ id }: Thing) => {
    if (ids.includes(id)) throw new Error(`cannot take ${id}`);
  };

describe('a change that keeps failing', () => {
  test('is parked, and all other items flow', async () => {
    const of = aParking();
    const { invoke, accepted } = aHandler(of, poisonous('b'));

    const answer = await invoke(eventOf(steps('a', 'b', 'c')));

    expect(answer).toEqual(settled);
    expect(accepted).toEqual(['a', 'c']);
    expect(of.waiting()).toEqual({ b: 1 });
  });

  test('is parked with its whole payload and its error', async () => {
    const of = aParking();
    const { invoke } = aHandler(of, poisonous('a'));
    const event = eventOf(steps('a'));

    await invoke(event);

    const [parked] = of.store.parked();
    expect(parked?.changes[0]?.record).toEqual(event.Records[0]);
    expect(parked?.changes[0]?.error).toMatch(/^Error: cannot take a\n {4}at /);
    expect(parked?.marker.error).toBe('Error: cannot take a');
  });

  test('keeps later changes of its item behind it, in order, also those of later batches', async () => {
    const of = aParking();
    let isBroken = true;
    const { invoke, accepted } = aHandler(of, (thing) => isBroken && poisonous('a')(thing));

    await invoke(eventOf(steps('a', 'b', 'a1')));
    isBroken = false;
    await invoke(eventOf(steps('a2', 'b1'), { firstSequenceNumber: 10n ** 21n }));

    expect(accepted).toEqual(['b', 'b1']);
    const numbers = of.store.parked()[0]?.changes.map(({ number, record }) => [number, record.eventName]);
    expect(numbers).toEqual([
      [1, 'INSERT'],
      [2, 'MODIFY'],
      [3, 'MODIFY'],
    ]);
  });

  test('is tried three times, with pauses, and not parked when the last of them succeeds', async () => {
    const of = aParking();
    const attemptsAtMs: number[] = [];
    const { invoke, accepted } = aHandler(of, () => {
      attemptsAtMs.push(of.clock.nowMs());
      if (attemptsAtMs.length < 3) throw new Error('not yet');
    });

    await invoke(eventOf(steps('a')));

    expect(attemptsAtMs.map((atMs) => atMs - attemptsAtMs[0]!)).toEqual([0, 75, 225]);
    expect(accepted).toEqual(['a']);
    expect(of.waiting()).toEqual({});
  });

  test('is tried as often as attempts says', async () => {
    const of = aParking({ attempts: 5 });
    let tries = 0;
    const { invoke } = aHandler(of, () => {
      tries += 1;
      throw new Error('never');
    });

    await invoke(eventOf(steps('a')));

    expect(tries).toBe(5);
  });

  test('is parked also when the function of an entity cannot even tell whether the item is its own', async () => {
    const of = aParking({ attempts: 1 });
    const kind = (item: object) => ('kind' in item && typeof item.kind === 'string' ? item.kind.trim() : fail());
    const fail = () => {
      throw new TypeError('no kind');
    };
    const thing = entity<Thing>((item) => kind(item) === 'thing', { insert: () => undefined });
    const handler = changeHandler({ thing }, { parking: of.parking, logger: capturedLog().logger() });

    await expect(handler(eventOf(steps('a')))).resolves.toEqual(settled);

    expect(of.waiting()).toEqual({ a: 1 });
  });

  test('is told apart from the same key in another table', async () => {
    const of = aParking();
    const { invoke, accepted } = aHandler(of, ({ step }) => step === undefined && poisonous('a')({ id: 'a' }));

    await invoke(eventOf(steps('a'), { tableName: 'one' }));
    await invoke(eventOf(steps('a1'), { tableName: 'other' }));

    expect(accepted).toEqual(['a1']);
  });

  test('is parked while other items run beside it', async () => {
    const of = aParking();
    const { invoke, accepted } = aHandler(of, poisonous('b'), { concurrency: 3 });

    await expect(invoke(eventOf(steps('a', 'b', 'b1', 'c', 'a1', 'c1')))).resolves.toEqual(settled);

    expect(accepted.toSorted()).toEqual(['a', 'a1', 'c', 'c1']);
    expect(of.waiting()).toEqual({ b: 2 });
  });
});

test('a change is parked whatever its function throws', async () => {
  const of = aParking({ attempts: 1 });
  const [ownCause, plain] = [new Error('round and round'), Object.create(null)];
  const { invoke } = aHandler(of, ({ id }) =>
    Promise.reject(id === 'a' ? plain : Object.assign(ownCause, { cause: ownCause })),
  );

  expect(await invoke(eventOf(steps('a', 'b')))).toEqual(settled);

  expect(of.waiting()).toEqual({ a: 1, b: 1 });
});

describe('a change that comes again', () => {
  test('while it waits is not put into the queue a second time', async () => {
    const of = aParking();
    const { invoke } = aHandler(of, poisonous('a'));
    const event = eventOf(steps('a', 'a1'));

    await invoke(event);
    await expect(invoke(event)).resolves.toEqual(settled);

    expect(of.waiting()).toEqual({ a: 2 });
  });

  test('from before the oldest that waits was handled then, and is acknowledged', async () => {
    const of = aParking();
    const { invoke, accepted } = aHandler(of, ({ step }) => step === 1 && poisonous('a')({ id: 'a' }));
    const event = eventOf(steps('a', 'a1'));

    await invoke(event);
    await expect(invoke(event)).resolves.toEqual(settled);

    expect(accepted).toEqual(['a']);
    expect(of.waiting()).toEqual({ a: 1 });
  });
});

test('a change of a mapping, which carries no run, waits behind the snapshot that a bootstrap parked', async () => {
  const of = aParking({ attempts: 1 });
  const handler = changeHandler<Thing>(
    { snapshot: () => Promise.reject(new Error('no')), modify: () => undefined },
    { parking: of.parking, logger: capturedLog().logger(), run: 1 },
  );

  await handler(eventOf([snapshotOf({ id: 'a' }, 1)]));
  await handler(eventOf(steps('a1'), { firstSequenceNumber: 10n ** 21n }));

  expect(of.waiting()).toEqual({ a: 2 });
});

describe('an outage', () => {
  test('parks three items, and fails the batch at the fourth', async () => {
    const of = aParking();
    const { invoke } = aHandler(of, poisonous('a', 'b', 'c', 'd', 'e'));
    const event = eventOf(steps('a', 'b', 'c', 'd', 'e'));

    const answer = await invoke(event);

    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: event.Records[3]?.dynamodb.SequenceNumber }] });
    expect(of.waiting()).toEqual({ a: 1, b: 1, c: 1 });
  });

  test('parks nothing more in later invocations, until something succeeds', async () => {
    const of = aParking({ stopAfter: 1 });
    let isDown = true;
    const { invoke, accepted } = aHandler(of, (thing) => isDown && poisonous('a', 'b', 'c', 'd')(thing));
    await invoke(eventOf(steps('a', 'b')));

    await invoke(eventOf(steps('b')));
    await invoke(eventOf(steps('c')));
    isDown = false;
    await invoke(eventOf(steps('b', 'c')));

    expect(of.waiting()).toEqual({ a: 1 });
    expect(accepted).toEqual(['b', 'c']);
  });

  test('is not seen where the failing items have successes between them', async () => {
    const of = aParking({ stopAfter: 1 });
    const { invoke } = aHandler(of, poisonous('a', 'c', 'e'));

    await expect(invoke(eventOf(steps('a', 'b', 'c', 'd', 'e')))).resolves.toEqual(settled);

    expect(of.waiting()).toEqual({ a: 1, c: 1, e: 1 });
  });

  test('that the function names with retryLater parks nothing, and is not tried again', async () => {
    const of = aParking();
    let tries = 0;
    const { invoke } = aHandler(of, () => {
      tries += 1;
      throw new Error('wrapped', { cause: retryLater(new Error('the other side is down')) });
    });
    const event = eventOf(steps('a'));

    const answer = await invoke(event);

    expect(answer.batchItemFailures).toHaveLength(1);
    expect(tries).toBe(1);
    expect(of.waiting()).toEqual({});
  });

  test('of the parking table fails the batch where it stands', async () => {
    const of = aParking();
    const broken = { ...of, store: Object.assign(of.store, { park: () => Promise.reject(new Error('no table')) }) };
    const { invoke } = aHandler(broken, poisonous('b'));
    const event = eventOf(steps('a', 'b', 'c'));

    const answer = await invoke(event);

    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: event.Records[1]?.dynamodb.SequenceNumber }]);
  });
});

describe('a change that outlasts its share of the time', () => {
  const HANG = new Promise(() => undefined);
  const hangsAt = (of: ReturnType<typeof aParking>, id: string, otherwiseMs = 0) =>
    aHandler(of, (thing) => (thing.id === id ? HANG : of.clock.sleep(otherwiseMs)));

  test('is parked before the function times out, and the rest of the batch is handled', async () => {
    const of = aParking();
    const { invoke, accepted } = hangsAt(of, 'a');
    const fromMs = of.clock.nowMs();

    await expect(invoke(eventOf(steps('a', 'b')), 30_000)).resolves.toEqual(settled);

    expect(of.clock.nowMs() - fromMs).toBe(13_500);
    expect(accepted).toEqual(['b']);
    expect(of.store.parked()[0]?.marker.error).toMatch(/took longer than 13500 ms/);
  });

  test('is held until the invocation must be over, because it may still run', async () => {
    const of = aParking();
    const { invoke } = hangsAt(of, 'a');
    const fromMs = of.clock.nowMs();

    await invoke(eventOf(steps('a')), 30_000);

    expect(of.store.parked()[0]?.marker.lease?.untilMs).toBe(fromMs + 30_000 + 5_000);
  });

  test('is not blamed for the time that others took: it comes again', async () => {
    const of = aParking();
    const { invoke } = hangsAt(of, 'c', 10_000);
    const event = eventOf(steps('a', 'b', 'c'));

    const answer = await invoke(event, 30_000);

    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: event.Records[2]?.dynamodb.SequenceNumber }]);
    expect(of.waiting()).toEqual({});
  });

  test('does not begin in the time that is kept for the answer', async () => {
    const of = aParking();
    const { invoke, accepted } = hangsAt(of, 'none', 9_500);
    const event = eventOf(steps('a', 'b', 'c', 'd'));

    const answer = await invoke(event, 30_000);

    expect(accepted).toEqual(['a', 'b']);
    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: event.Records[2]?.dynamodb.SequenceNumber }]);
  });
});

describe('what is not poison', () => {
  test('a gap is about no item: the batch fails at it', async () => {
    const of = aParking({ attempts: 1 });
    const handler = changeHandler<Thing>(
      { gap: () => Promise.reject(new Error('no')) },
      { parking: of.parking, logger: capturedLog().logger() },
    );

    const answer = await handler(eventOf([gapOf()]));

    expect(answer.batchItemFailures).toHaveLength(1);
  });

  test('a handler that reads an image the stream does not carry is wrong for every change', async () => {
    const of = aParking({ attempts: 1 });
    const { invoke } = aHandler(of, () => undefined);

    const answer = await invoke(eventOf(steps('a'), { viewType: 'KEYS_ONLY' }));

    expect(answer.batchItemFailures).toHaveLength(1);
    expect(of.waiting()).toEqual({});
  });
});

test('a batch costs one read while nothing is parked', async () => {
  const of = aParking();
  const reads: string[] = [];
  for (const name of ['markers', 'marker', 'holds', 'change', 'park', 'update', 'settle'] as const) {
    const call = of.store[name] as (...given: unknown[]) => unknown;
    const counted = (...given: unknown[]) => {
      reads.push(name);
      return call(...given);
    };
    Object.assign(of.store, { [name]: counted });
  }
  const { invoke } = aHandler(of, () => undefined);

  await invoke(eventOf(steps('a', 'b', 'c', 'a1')));

  expect(reads).toEqual(['markers']);
});

test('with more parked items than the first read tells of, each item is looked up, once', async () => {
  const of = aParking({ stopAfter: 1_000, attempts: 1 });
  let isBroken = true;
  const { invoke, accepted } = aHandler(of, () => isBroken && poisonous('i')({ id: 'i' }));
  const many = Array.from({ length: 40 }, (_, index) => insertOf<Thing>({ id: `i${index}` }));
  await invoke(eventOf(many));
  isBroken = false;
  const lookedUp: string[] = [];
  const { marker } = of.store;
  const counted = (item: string) => {
    lookedUp.push(item);
    return marker(item);
  };
  Object.assign(of.store, { marker: counted });

  await invoke(
    eventOf([...steps('x', 'x1'), modifyOf<Thing>({ id: 'i7' }, { id: 'i7', step: 1 })], {
      firstSequenceNumber: 10n ** 21n,
    }),
  );

  expect(accepted).toEqual(['x', 'x1']);
  expect(of.waiting()).toMatchObject({ i7: 2, i8: 1 });
  expect(lookedUp.filter((item) => item.includes('"x"'))).toHaveLength(1);
});

test('a function whose parking table is never used says so in its first log line', () => {
  const log = capturedLog();
  const before = process.env.MILLRACE_PARKING_TABLE;
  process.env.MILLRACE_PARKING_TABLE = 'parked';
  try {
    changeHandler<Thing>({}, { logger: log.logger() });
  } finally {
    if (before === undefined) delete process.env.MILLRACE_PARKING_TABLE;
    else process.env.MILLRACE_PARKING_TABLE = before;
  }

  expect(log.lines()).toMatchObject([{ level: 'WARN', message: expect.stringMatching(/parked is never used/) }]);
});

test.each([
  [{ attempts: 0 }, 'attempts must be a whole number from 1 to 100, got 0'],
  [{ stopAfter: 1.5 }, 'stopAfter must be a whole number from 1 to 1000000, got 1.5'],
  [{ timeShare: 0 }, 'timeShare must be a number above 0 and at most 1, got 0'],
  [{ timeShare: Number.NaN }, 'timeShare must be a number above 0 and at most 1, got NaN'],
])('limits out of range are refused: %o', (limits, message) => {
  expect(() => aParking(limits)).toThrow(message);
});

import { describe, expect, test } from 'vitest';
import { redriveEvent } from '../../../shared/core/redrive-event.ts';
import { retryLater } from '../../../shared/core/retry-later.ts';
import { changeHandler } from '../../../shared/handler.ts';
import { discardParked, parkedItems } from '../../../shared/parking/operator.ts';
import { parkingOf } from '../../../shared/parking/parking-of.ts';
import { eventOf, insertOf, modifyOf } from '../../../shared/testing/index.ts';
import { aHandler, aParking, type Thing } from './a-parking.ts';

const BROKEN = 'broken';
/** Items by id, each with so many changes that wait. */
async function parked(counts: { readonly [id: string]: number }, limits = {}) {
  const of = aParking({ stopAfter: 100, attempts: 1, ...limits });
  const broken = new Set(Object.keys(counts));
  let run: (thing: Thing) => unknown = ({ id }) => {
    if (broken.has(id)) throw new Error(BROKEN);
  };
  const made = aHandler(of, (thing) => run(thing));
  const drafts = Object.entries(counts).flatMap(([id, count]) => [
    insertOf<Thing>({ id }),
    ...Array.from({ length: count - 1 }, (_, index) => modifyOf<Thing>({ id }, { id, step: index + 1 })),
  ]);
  await made.invoke(eventOf(drafts));
  const redrive = async (items: readonly string[] = [], totalMs?: number) => {
    const { redrive } = await made.invoke(redriveEvent(items), totalMs);
    return redrive;
  };
  return {
    of,
    ...made,
    broken,
    redrive,
    becomes: (next: typeof run) => {
      run = next;
    },
    items: async () => (await parkedItems(of.store)).map(({ item }) => item),
  };
}

describe('a redrive', () => {
  test('handles what waits in order, and frees the items', async () => {
    const { redrive, broken, accepted, of } = await parked({ a: 3, b: 1 });
    broken.clear();

    await expect(redrive()).resolves.toEqual({ redriven: 4, freed: 2, failed: [], held: 0, notParked: 0, left: 0 });

    expect(accepted).toEqual(['a', 'a1', 'a2', 'b']);
    expect(of.waiting()).toEqual({});
  });

  test('stops at the first change that fails again, and notes why; other items go on', async () => {
    const { redrive, accepted, becomes, of } = await parked({ a: 3, b: 1 });
    becomes(({ id, step }) => {
      if (id === 'a' && step === 1) throw new TypeError('still broken');
    });

    const result = await redrive();

    expect(result).toMatchObject({ redriven: 2, freed: 1, failed: [{ error: 'TypeError: still broken' }] });
    expect(accepted).toEqual(['a', 'b']);
    expect(of.waiting()).toEqual({ a: 2 });
    await expect(parkedItems(of.store)).resolves.toMatchObject([
      { changes: 2, error: 'TypeError: still broken', failedRedrives: 1, heldUntilMs: null },
    ]);
  });

  test('may be for some items only', async () => {
    const { redrive, broken, accepted, items, of } = await parked({ a: 1, b: 1 });
    broken.clear();
    const [item] = (await items()).filter((name) => name.includes('"b"'));

    await redrive([item!]);

    expect(accepted).toEqual(['b']);
    expect(of.waiting()).toEqual({ a: 1 });
  });

  test('tells of a named item of which nothing waits, and of none that another redrive has freed', async () => {
    const { redrive, broken, items, of } = await parked({ a: 1, b: 1 });
    broken.clear();
    const [item] = await items();
    const markers = await of.store.markers(10, null);

    await expect(redrive([item!, 'of no table'])).resolves.toMatchObject({ freed: 1, held: 0, notParked: 1 });
    Object.assign(of.store, { markers: async () => markers });
    await expect(redrive()).resolves.toMatchObject({ freed: 1, held: 0, notParked: 0 });
  });

  test('tries a failing change as often as a batch does', async () => {
    const { redrive, becomes } = await parked({ a: 1 }, { attempts: 3 });
    let tries = 0;
    becomes(() => {
      tries += 1;
      if (tries < 3) throw new Error('not yet');
    });

    await expect(redrive()).resolves.toMatchObject({ redriven: 1 });
  });

  test('leaves alone what another redrive holds', async () => {
    const { redrive, becomes, of, accepted } = await parked({ a: 1 });
    becomes(() => of.clock.sleep(1_000));

    const results = await Promise.all([redrive(), redrive()]);

    expect(results.map((result) => [result?.freed, result?.held])).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(accepted).toEqual(['a']);
  });

  test('takes over from one that died, once its invocation must be over', async () => {
    const { redrive, becomes, of, accepted } = await parked({ a: 1 });
    becomes(() => new Promise(() => undefined));
    void redrive([], 30_000);
    await of.clock.advanceBy(1_000);
    becomes(() => undefined);

    await expect(redrive()).resolves.toMatchObject({ held: 1, freed: 0 });
    await of.clock.advanceBy(35_000);
    await expect(redrive()).resolves.toMatchObject({ held: 0, freed: 1 });

    expect(accepted).toEqual(['a']);
  });

  test('does not free an item of which a change was parked meanwhile', async () => {
    const { redrive, becomes, invoke, of, accepted } = await parked({ a: 1 });
    becomes(({ step }) => of.clock.sleep(step === undefined ? 1_000 : 0));

    const redriving = redrive();
    await invoke(eventOf([modifyOf<Thing>({ id: 'a' }, { id: 'a', step: 1 })], { firstSequenceNumber: 10n ** 21n }));

    await expect(redriving).resolves.toMatchObject({ redriven: 2, freed: 1 });
    expect(accepted).toEqual(['a', 'a1']);
    expect(of.waiting()).toEqual({});
  });

  test('ends in time, says how many items are left, and goes on with them the next time', async () => {
    const { redrive, becomes, of, accepted } = await parked({ a: 1, b: 1, c: 1 });
    becomes(() => of.clock.sleep(11_000));

    await expect(redrive([], 30_000)).resolves.toMatchObject({ freed: 2, left: 1 });
    await expect(redrive([], 30_000)).resolves.toMatchObject({ freed: 1, left: 0 });

    expect(accepted).toEqual(['a', 'b', 'c']);
  });

  test('begins with those that have not failed again yet', async () => {
    const { redrive, becomes, of } = await parked({ a: 1, b: 1 });
    const tried: string[] = [];
    becomes(({ id }) => {
      tried.push(id);
      if (id === 'a') throw new Error('again');
    });
    await redrive();
    becomes(({ id }) => {
      tried.push(id);
    });
    await of.clock.advanceBy(1_000);
    await aHandler(of, () => Promise.reject(new Error(BROKEN))).invoke(eventOf([insertOf<Thing>({ id: 'z' })]));

    await redrive();

    expect(tried).toEqual(['a', 'b', 'z', 'a']);
  });

  test('stops when so many items fail that it looks like an outage', async () => {
    const { of } = await parked({ a: 1, b: 1, c: 1, d: 1, e: 1 });
    const strict = parkingOf(() => of.ports, { stopAfter: 2, attempts: 1 });
    const { invoke } = aHandler({ ...of, parking: strict }, () => Promise.reject(new Error(BROKEN)));

    const { redrive } = await invoke(redriveEvent());

    expect(redrive?.failed).toHaveLength(3);
    expect(redrive?.left).toBe(2);
  });

  test('stops when the function says that later will do', async () => {
    const { redrive, becomes } = await parked({ a: 1, b: 1, c: 1 });
    becomes(() => {
      throw retryLater(new Error('down'));
    });

    const result = await redrive();

    expect(result?.failed).toHaveLength(1);
    expect(result?.left).toBe(2);
  });

  test('counts a change that outlasts its share as failed, and holds the item while it may run', async () => {
    const { redrive, becomes, of } = await parked({ a: 1 });
    becomes(() => new Promise(() => undefined));
    const fromMs = of.clock.nowMs();

    const result = await redrive([], 30_000);

    expect(result?.failed).toMatchObject([{ error: expect.stringMatching(/longer than/) }]);
    await expect(parkedItems(of.store)).resolves.toMatchObject([{ heldUntilMs: fromMs + 35_000 }]);
  });

  test('of a handler without parking is an error that says so', async () => {
    await expect(changeHandler<Thing>({})(redriveEvent())).rejects.toThrow(
      /was asked to redrive, and changeHandler has no option "parking"/,
    );
  });

  test.each([[{ items: 'a' }], [7], [{ items: [1] }]])('that asks for %j is refused', async (request) => {
    const { handler } = aHandler(aParking(), () => undefined);

    await expect(handler({ Records: [], ...{ millrace: { redrive: request } } })).rejects.toThrow(
      /redrive must be an object that may hold items, a list of texts, got /,
    );
  });
});

describe('an operator', () => {
  test('sees what is parked: how much, since when, and why', async () => {
    const { of } = await parked({ a: 2 });

    const items = await parkedItems(of.store);

    expect(items).toEqual([
      {
        item: 'arn:aws:dynamodb:eu-west-1:123456789012:table/table [["id",{"S":"a"}]]',
        changes: 2,
        parkedAtMs: of.clock.nowMs(),
        error: 'Error: broken',
        failedRedrives: 0,
        heldUntilMs: null,
      },
    ]);
  });

  test('discards what waits of an item, and is told of each change', async () => {
    const { of, items } = await parked({ a: 3, b: 1 });
    const [item] = (await items()).filter((name) => name.includes('"a"'));
    const gone: string[] = [];

    const result = await discardParked(of.ports, item!, undefined, (record) => gone.push(record.eventID));

    expect(result).toEqual({ kind: 'discarded', changes: 3, isFree: true });
    expect(gone).toHaveLength(3);
    expect(of.waiting()).toEqual({ b: 1 });
  });

  test('may discard the oldest change alone, and redrive the rest', async () => {
    const { of, items, redrive, broken, accepted } = await parked({ a: 3 });
    const [item] = await items();

    await expect(discardParked(of.ports, item!, 1)).resolves.toEqual({ kind: 'discarded', changes: 1, isFree: false });
    broken.clear();
    await redrive();

    expect(accepted).toEqual(['a1', 'a2']);
  });

  test('cannot discard what a redrive holds, nor what is not parked', async () => {
    const { of, items, redrive, becomes } = await parked({ a: 1 });
    const [item] = await items();
    becomes(() => of.clock.sleep(5_000));
    const redriving = redrive();
    await of.clock.advanceBy(100);

    await expect(discardParked(of.ports, item!)).resolves.toEqual({ kind: 'held' });
    await redriving;
    await expect(discardParked(of.ports, item!)).resolves.toEqual({ kind: 'not-parked' });
  });
});

describe('a redrive event', () => {
  test('may be the plain input of a schedule, without Records', async () => {
    const { handler, broken, accepted } = await parked({ a: 1 });
    broken.clear();
    const input = { millrace: { redrive: {} } } as unknown as Parameters<typeof handler>[0];

    await expect(handler(input)).resolves.toMatchObject({ batchItemFailures: [], redrive: { freed: 1 } });

    expect(accepted).toEqual(['a']);
  });

  test('that carries records, too, does not lose them', async () => {
    const { invoke, broken, accepted } = await parked({ a: 1 });
    broken.clear();

    await invoke({ ...redriveEvent(), ...eventOf([insertOf<Thing>({ id: 'b' })]) });

    expect(accepted).toEqual(['a', 'b']);
  });
});

test('a redrive reads every change that waits once', async () => {
  const { of, redrive, broken } = await parked({ a: 4 });
  const numbers: number[] = [];
  const { change } = of.store;
  const counted: typeof change = (marker, number) => {
    numbers.push(number);
    return change(marker, number);
  };
  Object.assign(of.store, { change: counted });
  broken.clear();

  await redrive();

  expect(numbers).toEqual([1, 2, 3, 4]);
});

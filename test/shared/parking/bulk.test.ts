import { describe, expect, test } from 'vitest';
import { redriveEvent } from '../../../shared/core/redrive-event.ts';
import { retryLater } from '../../../shared/core/retry-later.ts';
import { changeHandler } from '../../../shared/handler.ts';
import { eventOf, insertOf, modifyOf } from '../../../shared/testing/index.ts';
import { capturedLog } from '../handler/captured-log.ts';
import { aParking, type Thing } from './a-parking.ts';

const steps = (...names: readonly string[]) =>
  names.map((name) => {
    const [id, step] = [name[0]!, Number(name[1] ?? 0)];
    return step === 0 ? insertOf<Thing>({ id }) : modifyOf<Thing>({ id }, { id, step });
  });
const settled = { batchItemFailures: [] };

interface BulkChange {
  readonly raw: { readonly dynamodb: { readonly SequenceNumber: string } };
  readonly sequenceNumber: string;
  readonly kind: string;
}
const nameOf = (change: BulkChange) => {
  const { newImage } = change as unknown as { newImage: Thing };
  return `${newImage.id}${newImage.step ?? ''}`;
};

/** A handler with one function for many changes, which fails in this way where the batch has one of these. */
function aBulkHandler(
  grouping: 'batch' | 'batchPerItem',
  poison: Set<string>,
  fail: 'throws' | 'returns' = 'throws',
  limits = {},
) {
  const of = aParking({ attempts: 1, ...limits });
  const calls: string[] = [];
  const call = (changes: readonly BulkChange[]) => {
    calls.push(changes.map(nameOf).join(' '));
    const failed = changes.filter((change) => poison.has(nameOf(change)));
    if (failed.length > 0 && fail === 'throws') throw new Error(`cannot take ${failed.map(nameOf)}`);
    return { failed };
  };
  const functions = grouping === 'batch' ? { batch: call } : { batchPerItem: call };
  const log = capturedLog();
  const handler = changeHandler<Thing>(functions as { batch: typeof call }, {
    parking: of.parking,
    logger: log.logger(),
  });
  return { handler, calls, of, log };
}

describe('a function for whole batches', () => {
  test('is called once where nothing fails and nothing is parked', async () => {
    const { handler, calls } = aBulkHandler('batch', new Set());

    await expect(handler(eventOf(steps('a', 'b', 'a1')))).resolves.toEqual(settled);

    expect(calls).toEqual(['a b a1']);
  });

  test('that throws is called for each item, and the item at fault is parked', async () => {
    const { handler, calls, of } = aBulkHandler('batch', new Set(['b']));

    await expect(handler(eventOf(steps('a', 'b', 'b1', 'c')))).resolves.toEqual(settled);

    expect(calls).toEqual(['a b b1 c', 'a', 'b b1', 'c']);
    expect(of.waiting()).toEqual({ b: 2 });
    expect(of.store.parked()[0]?.marker.error).toBe('Error: cannot take b');
  });

  test('that returns what failed is called again for that alone', async () => {
    const { handler, calls, of } = aBulkHandler('batch', new Set(['b1']), 'returns');

    await expect(handler(eventOf(steps('a', 'b', 'b1', 'c')))).resolves.toEqual(settled);

    expect(calls).toEqual(['a b b1 c', 'b1']);
    expect(of.waiting()).toEqual({ b: 1 });
  });

  test('is not given the changes of parked items, which queue', async () => {
    const { handler, calls, of } = aBulkHandler('batch', new Set(['b']));
    await handler(eventOf(steps('b')));
    calls.length = 0;

    await handler(eventOf(steps('a', 'b1', 'c', 'b2'), { firstSequenceNumber: 10n ** 21n }));

    expect(calls).toEqual(['a c']);
    expect(of.waiting()).toEqual({ b: 3 });
  });

  test('in an outage fails the batch at the item after those that were parked', async () => {
    const { handler, of } = aBulkHandler('batch', new Set(['a', 'b', 'c', 'd']), 'throws', { stopAfter: 2 });
    const event = eventOf(steps('a', 'b', 'c', 'd'));

    const answer = await handler(event);

    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: event.Records[2]?.dynamodb.SequenceNumber }]);
    expect(of.waiting()).toEqual({ a: 1, b: 1 });
  });

  test('that says later will do has nothing parked', async () => {
    const of = aParking();
    let calls = 0;
    const batch = () => {
      calls += 1;
      throw retryLater(new Error('down'));
    };
    const options = { parking: of.parking, logger: capturedLog().logger() };

    const answer = await changeHandler<Thing>({ batch }, options)(eventOf(steps('a', 'b', 'c')));

    expect(answer.batchItemFailures).toHaveLength(1);
    expect(calls).toBe(2);
    expect(of.waiting()).toEqual({});
  });

  test('gets parked changes one by one in a redrive', async () => {
    const poison = new Set(['b']);
    const { handler, calls, of } = aBulkHandler('batch', poison, 'returns');
    await handler(eventOf(steps('b', 'b1')));
    await expect(handler(redriveEvent())).resolves.toMatchObject({ redrive: { failed: [{}], redriven: 0 } });
    poison.clear();
    calls.length = 0;

    await expect(handler(redriveEvent())).resolves.toMatchObject({ redrive: { redriven: 2, freed: 1 } });

    expect(calls).toEqual(['b', 'b1']);
    expect(of.waiting()).toEqual({});
  });

  test('that names a change of another batch is wrong for every change', async () => {
    const of = aParking();
    const options = { parking: of.parking, logger: capturedLog().logger() };
    const handler = changeHandler<Thing>({ batch: () => ({ failed: [{ sequenceNumber: '1' }] }) }, options);

    const answer = await handler(eventOf(steps('a', 'b')));

    expect(answer.batchItemFailures).toHaveLength(1);
    expect(of.waiting()).toEqual({});
  });
});

describe('a function for each item', () => {
  test('that fails for one has it parked from the change at fault on', async () => {
    const { handler, calls, of } = aBulkHandler('batchPerItem', new Set(['b1']), 'returns');

    await expect(handler(eventOf(steps('a', 'b', 'b1', 'b2', 'a1')))).resolves.toEqual(settled);

    expect(calls).toEqual(['a a1', 'b b1 b2', 'b1 b2']);
    expect(of.waiting()).toEqual({ b: 2 });
    expect(of.store.parked()[0]?.changes[0]?.error).toMatch(/returned it as failed/);
  });

  test('is tried as often as attempts says', async () => {
    const { handler, calls, of } = aBulkHandler('batchPerItem', new Set(['a']), 'throws', { attempts: 3 });

    const running = handler(eventOf(steps('a', 'a1')));
    await of.clock.advanceBy(5_000);
    await running;

    expect(calls).toEqual(['a a1', 'a a1', 'a a1']);
    expect(of.waiting()).toEqual({ a: 2 });
  });
});

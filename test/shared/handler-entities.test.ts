import { beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { changeHandler, type DecodedItem, entity } from '../../shared/handler.ts';
import { eventOf, gapOf, insertOf, modifyOf, removeOf, runHandler, snapshotOf } from '../../shared/testing/index.ts';
import { capturedLog } from './handler/captured-log.ts';

const log = capturedLog();
beforeEach(() => log.clear());

const Order = z.object({ pk: z.string(), sk: z.literal('ORDER'), total: z.number() });
interface Line {
  readonly pk: string;
  readonly sk: string;
  readonly count: number;
}

const order = { pk: 'ORDER#1', sk: 'ORDER' as const, total: 12.5 };
const line: Line = { pk: 'ORDER#1', sk: 'LINE#1', count: 2 };
const stranger = { pk: 'CONFIG', sk: 'x' };
const inTable = { keys: ['pk', 'sk'] };

function watched({ other }: { readonly other: boolean }) {
  const seen: unknown[] = [];
  const handler = changeHandler(
    {
      order: entity(Order, { sk: 'ORDER' }, { insert: ({ newImage }) => seen.push(['order', newImage.total]) }),
      line: entity<Line>(
        { pk: /^ORDER#/, sk: /^LINE#/ },
        {
          insert: ({ newImage }) => seen.push(['line', newImage.count]),
          modify: ({ changed }) => seen.push(['line', changed.map(({ path }) => path)]),
          remove: ({ oldImage }) => seen.push(['line', oldImage.count]),
        },
      ),
      ...(other && { other: (change: { readonly kind: string }) => seen.push(['other', change.kind]) }),
    },
    { logger: log.logger() },
  );
  return { seen, handler };
}

describe('a single-table handler', () => {
  test('brings each change to the entity whose attributes match, with its types', async () => {
    const { seen, handler } = watched({ other: true });

    const { settled } = await runHandler(
      handler,
      eventOf(
        [insertOf(order), insertOf(line), modifyOf(line, { ...line, count: 3 }), removeOf(line), insertOf(stranger)],
        inTable,
      ),
    );

    expect(settled).toHaveLength(5);
    expect(seen).toEqual([
      ['order', 12.5],
      ['line', 2],
      ['line', ['count']],
      ['line', 2],
      ['other', 'insert'],
    ]);
  });

  test('matches by keys where the stream carries nothing else', async () => {
    const { seen, handler } = watched({ other: true });

    await runHandler(handler, eventOf([removeOf(stranger)], { ...inTable, viewType: 'KEYS_ONLY' }));

    expect(seen).toEqual([['other', 'remove']]);
  });

  test('matches by any function of the item, and takes the first entity that does', async () => {
    const seen: string[] = [];
    const handler = changeHandler({
      large: entity<DecodedItem>((item) => Number(item.total) > 10, { insert: () => seen.push('large') }),
      any: entity<DecodedItem>(() => true, { insert: () => seen.push('any') }),
    });

    await runHandler(handler, eventOf([insertOf(order), insertOf({ ...order, total: 1 })], inTable));

    expect(seen).toEqual(['large', 'any']);
  });

  test('an attribute that an item does not have matches nothing, whatever its name', async () => {
    const seen: string[] = [];
    const handler = changeHandler({
      odd: entity<DecodedItem>({ toString: /native/ }, { insert: () => seen.push('odd') }),
      other: () => seen.push('other'),
    });

    await runHandler(handler, eventOf([insertOf(order)], inTable));

    expect(seen).toEqual(['other']);
  });

  test('accepts a change of no entity and names it once, if there is no function for it', async () => {
    const { handler } = watched({ other: false });

    const first = await runHandler(handler, eventOf([insertOf(stranger), insertOf(stranger)], inTable));
    await runHandler(handler, eventOf([insertOf(stranger)], inTable));

    expect(first.settled).toHaveLength(2);
    expect(log.lines()).toMatchObject([
      { level: 'WARN', message: expect.stringContaining('no entity'), change: { keys: { pk: 'CONFIG', sk: 'x' } } },
    ]);
  });

  test('an item that does not fit its entity’s schema fails', async () => {
    const { handler } = watched({ other: true });

    const { retried } = await runHandler(handler, eventOf([insertOf({ ...order, total: 'much' })], inTable));

    expect(retried).toHaveLength(1);
    expect(log.lines()).toMatchObject([{ error: { message: expect.stringContaining('newImage.total') } }]);
  });

  test('has its gap function beside the entities, and an entity that was sent a snapshot needs a function for it', async () => {
    const gaps: string[] = [];
    const handler = changeHandler(
      { order: entity(Order, { sk: 'ORDER' }, {}), gap: ({ gap }) => gaps.push(gap.id) },
      { logger: log.logger() },
    );

    const { settled, retried } = await runHandler(handler, eventOf([gapOf(), snapshotOf(order)], inTable));

    expect([settled.length, retried.length, gaps]).toEqual([1, 1, ['gap-1']]);
    expect(log.lines()).toMatchObject([{ error: { message: expect.stringContaining('no function "snapshot"') } }]);
  });

  test('types each entity by its own schema or type', () => {
    changeHandler({
      order: entity(
        Order,
        { sk: 'ORDER' },
        {
          insert: ({ newImage }) => expectTypeOf(newImage).toEqualTypeOf<z.infer<typeof Order>>(),
        },
      ),
      line: entity<Line, 'NEW_IMAGE'>(
        { sk: /^LINE/ },
        {
          modify: (change) => {
            expectTypeOf(change.newImage).toEqualTypeOf<Line>();
            expectTypeOf(change).not.toHaveProperty('oldImage');
          },
        },
      ),
      other: (change) => expectTypeOf(change.keys).toEqualTypeOf<Partial<DecodedItem>>(),
    });
  });

  test('has entities that entity() makes, and no others', () => {
    const order = entity(Order, { sk: 'ORDER' }, {});

    // @ts-expect-error an entity is made by entity()
    expect(() => changeHandler({ order, wrong: { insert: () => undefined } })).toThrow('got "wrong"');
  });
});

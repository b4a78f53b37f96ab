import { type } from 'arktype';
import * as v from 'valibot';
import { beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { z } from 'zod';
import { changeHandler } from '../../shared/handler.ts';
import { eventOf, insertOf, modifyOf, removeOf, runHandler } from '../../shared/testing/index.ts';
import { capturedLog } from './handler/captured-log.ts';
import { aParking } from './parking/a-parking.ts';

const log = capturedLog();
beforeEach(() => log.clear());

const good = { orderId: 'order-1', total: 12.5, lines: [{ sku: 'a' }] };
const bad = { orderId: 'order-1', total: 'much', lines: [{ sku: 1 }] };

const SCHEMAS = {
  zod: z.object({ orderId: z.string(), total: z.number(), lines: z.array(z.object({ sku: z.string() })) }),
  valibot: v.object({ orderId: v.string(), total: v.number(), lines: v.array(v.object({ sku: v.string() })) }),
  arktype: type({ orderId: 'string', total: 'number', lines: type({ sku: 'string' }).array() }),
};

describe.each(Object.entries(SCHEMAS))('a schema of %s', (_vendor, schema) => {
  test('gives an image its type', async () => {
    const seen: number[] = [];
    const handler = changeHandler(schema, { insert: ({ newImage }) => seen.push(newImage.total) });

    await runHandler(handler, eventOf([insertOf(good)]));

    expect(seen).toEqual([12.5]);
  });

  test('lets an image that does not fit fail its change, named with every path', async () => {
    const handler = changeHandler(schema, { insert: ({ newImage }) => newImage }, { logger: log.logger() });

    const { settled, retried } = await runHandler(handler, eventOf([insertOf(good), insertOf(bad)]));

    expect([settled.length, retried.length]).toEqual([1, 1]);
    expect(log.lines()).toMatchObject([
      {
        error: {
          code: 'invalid-record',
          message: expect.stringMatching(
            /^INSERT {"orderId":"order-1"} \(event \w+, sequence number 100000000000000000100\) does not fit its schema: (?=.*newImage\.total: )(?=.*newImage\.lines\.0\.sku: )/,
          ),
        },
      },
    ]);
  });
});

describe('a schema', () => {
  test('checks an image when it is read, once, and the old one only if it is read', async () => {
    const check = vi.fn();
    const schema = z.object({ orderId: z.string() }).transform((order) => {
      check(order);
      return { ...order, isChecked: true };
    });
    const handler = changeHandler(schema, {
      modify: (change) => {
        expect(check).not.toHaveBeenCalled();
        expect(change.newImage).toEqual({ orderId: 'order-1', isChecked: true });
        expect(change.newImage).toBe(change.newImage);
      },
      remove: () => undefined,
    });

    const { settled } = await runHandler(
      handler,
      eventOf([modifyOf<object>({ orderId: 1 }, good), removeOf({ orderId: 1 })]),
    );

    expect(settled).toHaveLength(2);
    expect(check).toHaveBeenCalledOnce();
  });

  test('that works asynchronously is refused with what to do about it', async () => {
    const schema = v.pipeAsync(
      v.object({ orderId: v.string() }),
      v.checkAsync(() => Promise.reject(new Error('no such order'))),
    );
    const handler = changeHandler(schema, { insert: ({ newImage }) => newImage }, { logger: log.logger() });

    await runHandler(handler, eventOf([insertOf(good)]));

    expect(log.lines()).toMatchObject([
      {
        error: {
          message: expect.stringMatching(/^the schema must check newImage of INSERT .* of valibot.* await them/),
        },
      },
    ]);
  });

  test('whose transform throws for one item fails that item’s change alone', async () => {
    const schema = z.object({ orderId: z.string().transform((text) => JSON.parse(text)) });
    const of = aParking({ attempts: 1 });
    const handler = changeHandler(
      schema,
      { insert: ({ newImage }) => newImage },
      { logger: log.logger(), parking: of.parking },
    );

    const { settled } = await runHandler(
      handler,
      eventOf([insertOf({ orderId: 'no JSON' }), insertOf({ orderId: '1' })]),
    );

    expect(settled).toHaveLength(2);
    expect(of.store.parked()).toHaveLength(1);
  });

  test('gives the change the types of what it makes of an item', () => {
    const schema = z.object({ orderId: z.string(), at: z.string().transform((text) => new Date(text)) });

    changeHandler(schema, {
      insert: ({ newImage }) => expectTypeOf(newImage).toEqualTypeOf<{ orderId: string; at: Date }>(),
    });
    changeHandler<typeof schema, 'KEYS_ONLY', 'orderId'>(schema, {
      insert: (change) => {
        expectTypeOf(change.keys).toEqualTypeOf<Pick<{ orderId: string; at: Date }, 'orderId'>>();
        expectTypeOf(change).not.toHaveProperty('newImage');
      },
    });
  });
});

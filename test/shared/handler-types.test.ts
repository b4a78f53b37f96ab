import type { DynamoDBStreamEvent, DynamoDBStreamHandler } from 'aws-lambda';
import { expect, expectTypeOf, test } from 'vitest';
import type { ChangeEvent } from '../../shared/core/record.ts';
import {
  type AttributeChange,
  type Change,
  changeHandler,
  type InsertChange,
  type ModifyChange,
  type RemoveChange,
} from '../../shared/handler.ts';
import { eventOf, insertOf } from '../../shared/testing/index.ts';

interface Order {
  readonly orderId: string;
  readonly total: number;
}

// These are checked by the compiler; running them only proves that the file is part of the suite.

test('a stream with both images gives both, and what has changed', () => {
  expectTypeOf<InsertChange<Order>>().toHaveProperty('newImage').toEqualTypeOf<Order>();
  expectTypeOf<InsertChange<Order>>().not.toHaveProperty('oldImage');
  expectTypeOf<ModifyChange<Order>>().toHaveProperty('newImage').toEqualTypeOf<Order>();
  expectTypeOf<ModifyChange<Order>>().toHaveProperty('oldImage').toEqualTypeOf<Order>();
  expectTypeOf<ModifyChange<Order>>().toHaveProperty('changed').toEqualTypeOf<readonly AttributeChange[]>();
  expectTypeOf<RemoveChange<Order>>().toHaveProperty('oldImage').toEqualTypeOf<Order>();
  expectTypeOf<RemoveChange<Order>>().not.toHaveProperty('newImage');
  expectTypeOf<RemoveChange<Order>>().toHaveProperty('expired').toEqualTypeOf<boolean>();
});

test('a stream of keys gives no images at all', () => {
  changeHandler<Order, 'KEYS_ONLY'>({
    insert: (change) => expectTypeOf(change).not.toHaveProperty('newImage'),
    modify: (change) => {
      expectTypeOf(change).not.toHaveProperty('newImage');
      expectTypeOf(change).not.toHaveProperty('oldImage');
      expectTypeOf(change).not.toHaveProperty('changed');
    },
    // @ts-expect-error a removed item's image is not in this stream
    remove: ({ oldImage }) => oldImage,
  });
});

test('a stream of one image gives that one only', () => {
  changeHandler<Order, 'NEW_IMAGE'>({
    modify: (change) => {
      expectTypeOf(change.newImage).toEqualTypeOf<Order>();
      expectTypeOf(change).not.toHaveProperty('oldImage');
      expectTypeOf(change).not.toHaveProperty('changed');
    },
  });
  changeHandler<Order, 'OLD_IMAGE'>({
    insert: (change) => expectTypeOf(change).not.toHaveProperty('newImage'),
    modify: (change) => expectTypeOf(change).not.toHaveProperty('newImage'),
    remove: (change) => expectTypeOf(change.oldImage).toEqualTypeOf<Order>(),
  });
});

test('keys may be any attributes until they are named', () => {
  changeHandler<Order>({ insert: ({ keys }) => expectTypeOf(keys).toEqualTypeOf<Partial<Order>>() });
  changeHandler<Order, 'KEYS_ONLY', 'orderId'>({
    insert: ({ keys }) => expectTypeOf(keys.orderId).toEqualTypeOf<string>(),
  });
});

test('a function for a kind that does not exist is a mistake', () => {
  // @ts-expect-error DynamoDB says modify
  expect(() => changeHandler<Order>({ update: () => undefined })).toThrow('got "update"');
});

test('a change is told from the others by its kind', () => {
  const total = (change: Change<Order>): number => {
    switch (change.kind) {
      case 'insert':
      case 'modify':
      case 'snapshot':
        return change.newImage.total;
      case 'remove':
        return change.oldImage.total;
      case 'gap':
        return change.gap.detectedAtMs;
      case 'snapshotStarted':
      case 'snapshotComplete':
        return change.run;
    }
  };
  expectTypeOf(total).returns.toBeNumber();
});

test('a handler is a DynamoDBStreamHandler of plain aws-lambda, and takes both kinds of event', async () => {
  const handler = changeHandler<Order>({});
  const lambdaHandler: DynamoDBStreamHandler = handler;
  expectTypeOf(lambdaHandler).toBeFunction();
  expectTypeOf<DynamoDBStreamEvent>().toExtend<Parameters<typeof handler>[0]>();
  expectTypeOf<ChangeEvent>().toExtend<Parameters<typeof handler>[0]>();

  expect(await handler(eventOf([insertOf({ orderId: 'a', total: 1 })]))).toEqual({ batchItemFailures: [] });
});

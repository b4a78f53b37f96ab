import { inspect } from 'node:util';
import { changeHandler } from '../shared/handler.ts';

/** An item of the table `orders`. */
export interface Order {
  readonly orderId: string;
  readonly status: 'new' | 'paid' | 'shipped';
  readonly total: number;
}

export const handler = changeHandler<Order>({
  insert: ({ keys, newImage }) => print('insert', keys, show(newImage)),
  modify: ({ keys, changed }) =>
    print('modify', keys, ...changed.map((one) => `${one.path}: ${show(one.oldValue)} -> ${show(one.newValue)}`)),
  remove: ({ keys, expired }) => print('remove', keys, expired ? 'expired' : 'deleted'),
});

function print(kind: string, keys: Partial<Order>, ...what: readonly string[]): void {
  console.log(`${kind}  ${Object.values(keys).join('/')}  ${what.join(', ')}`);
}

const show = (value: unknown): string =>
  inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 4, maxStringLength: 60 });

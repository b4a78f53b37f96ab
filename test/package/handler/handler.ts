import { changeHandler } from 'millrace';
import { eventOf, insertOf, runHandler } from 'millrace/testing';

interface Order {
  readonly orderId: string;
  readonly total: number;
}

export const handler = changeHandler<Order>({
  insert: ({ newImage }) => console.log(newImage.orderId, newImage.total.toFixed(2)),
});

const run = await runHandler(handler, eventOf([insertOf({ orderId: 'o-1', total: 5 })]));
console.log(JSON.stringify(run));

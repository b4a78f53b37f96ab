import { changeHandler } from 'millrace';
import { changes } from 'millrace/changes';
import { deduplicateTable } from 'millrace/deduplicate';
import { parkingTable, redriveEvent } from 'millrace/parking';
import { eventOf, insertOf, runHandler } from 'millrace/testing';

interface Order {
  readonly orderId: string;
  readonly total: number;
}

export const handler = changeHandler<Order>(
  { insert: ({ newImage }) => console.log(newImage.orderId, newImage.total.toFixed(2)) },
  { parking: parkingTable({ attempts: 2 }), deduplicate: deduplicateTable() },
);

const run = await runHandler(handler, eventOf([insertOf({ orderId: 'o-1', total: 5 })]));
console.log(JSON.stringify(run), JSON.stringify(redriveEvent()), typeof changes);

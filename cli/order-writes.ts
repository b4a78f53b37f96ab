/** One write to the table `orders`; each is one change. */
export type OrderWrite =
  | { readonly kind: 'insert'; readonly orderId: string; readonly attributes: Readonly<Record<string, unknown>> }
  | { readonly kind: 'modify'; readonly orderId: string; readonly status: string }
  | { readonly kind: 'remove'; readonly orderId: string };

/** More digits than a JavaScript number holds. */
const THIRTY_DIGITS = 123_456_789_012_345_678_901_234_567_890n;

/** What orders hold besides their status, in turn: every kind of attribute value that decoding could get wrong. */
const DETAILS: readonly Readonly<Record<string, unknown>>[] = [
  { total: 25 },
  {
    total: 99.95,
    customer: { name: 'Ada', address: { city: 'London', street: 'St James Square' } },
    items: ['tea', 2],
  },
  { total: 7, tags: new Set(['fragile', 'gift']), boxes: new Set([1, 2.5]) },
  { total: 12.5, label: new Uint8Array([0x4d, 0x52, 0x00, 0xff]) },
  { total: THIRTY_DIGITS, note: 'naïve café, 20 € ✓', coupon: null, isPaid: false },
];

/** Orders are paid two orders later, some shipped after that, and some removed in the end. */
const PAID_AFTER = 2;
const SHIPPED_AFTER = 4;
const REMOVED_AFTER = 6;

/** The life of so many orders, interleaved as in a shop: inserts, modifies and removes. */
export function orderWrites(orders: number): readonly OrderWrite[] {
  return Array.from({ length: orders + REMOVED_AFTER }, (_, step) => stepWrites(step, orders)).flat();
}

function stepWrites(step: number, orders: number): readonly OrderWrite[] {
  const exists = (order: number): boolean => order >= 0 && order < orders;
  const writes: OrderWrite[] = [];
  const [paid, shipped, removed] = [step - PAID_AFTER, step - SHIPPED_AFTER, step - REMOVED_AFTER];
  if (exists(step)) writes.push({ kind: 'insert', orderId: orderId(step), attributes: details(step) });
  if (exists(paid)) writes.push({ kind: 'modify', orderId: orderId(paid), status: 'paid' });
  if (exists(shipped) && shipped % 2 === 0) {
    writes.push({ kind: 'modify', orderId: orderId(shipped), status: 'shipped' });
  }
  if (exists(removed) && removed % 3 === 0) writes.push({ kind: 'remove', orderId: orderId(removed) });
  return writes;
}

const orderId = (order: number): string => `o-${order + 1}`;
const details = (order: number): Readonly<Record<string, unknown>> => ({
  status: 'new',
  ...DETAILS[order % DETAILS.length],
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { METRICS } from '../../shared/core/metrics.ts';
import { complaints, snippetsOf } from '../support/page-snippets.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const page = await readFile(join(ROOT, 'docs', 'kinesis.md'), 'utf8');

const READERS_OWN = `
interface Order { readonly orderId: string }
interface Customer { readonly customerId: string }
declare function sendReceipt(order: Order): Promise<void>;
declare function forget(customer: Customer): Promise<void>;
`;

test('every snippet of the page on Kinesis compiles', async () => {
  const snippets = snippetsOf(page);

  expect(await complaints(snippets, READERS_OWN, { 'orders.ts': snippets[1] ?? '' })).toBe('');
  expect(snippets).toHaveLength(4);
});

test('the metrics that the page names exist', () => {
  for (const name of ['ChangesRepeated', 'ChangesSuperseded']) {
    expect(page).toContain(name);
    expect(METRICS).toHaveProperty(name);
  }
});

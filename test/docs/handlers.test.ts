import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { complaints, snippetsOf } from '../support/page-snippets.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** What the snippets call and the reader would have written. */
const READERS_OWN = `
declare function sendReceipt(order: object): Promise<void>;
declare function notify(order: object): Promise<void>;
declare function putItem(item: object): Promise<void>;
declare function audit(...what: unknown[]): void;
declare function book(total: number): void;
declare function restock(count: number): void;
declare function callSlowService(order: object): Promise<void>;
declare function bulkWrite(rows: object[]): Promise<Set<string | undefined>>;
declare function publish(end: Date, total: number): void;
`;

test('every snippet of the page on handlers compiles', async () => {
  const page = await readFile(join(ROOT, 'docs', 'handlers.md'), 'utf8');
  const snippets = snippetsOf(page);

  expect(await complaints(snippets, READERS_OWN, { 'orders.ts': snippets[0] ?? '' })).toBe('');
  expect(snippets.length).toBeGreaterThan(5);
});

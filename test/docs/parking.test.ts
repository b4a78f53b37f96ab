import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parkingTableDefinition } from '../../shared/core/parking.ts';
import { checkedLimits } from '../../shared/core/parking-limits.ts';
import { redriveEvent } from '../../shared/core/redrive-event.ts';
import { complaints, snippetsOf } from '../support/page-snippets.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const page = await readFile(join(ROOT, 'docs', 'parking.md'), 'utf8');

const READERS_OWN = `
interface Order { readonly orderId: string }
declare function sendReceipt(order: Order): Promise<void>;
declare function notify(order: Order): Promise<void>;
`;

test('every snippet of the page on parking compiles', async () => {
  const snippets = snippetsOf(page);

  expect(await complaints(snippets, READERS_OWN)).toBe('');
  expect(snippets.length).toBe(3);
});

test('the page shows the defaults, the event and the keys as they are', () => {
  const { attempts, stopAfter, timeShare } = checkedLimits({});
  const [json = ''] = page.match(/(?<=^```json\n)[^`]*/m) ?? [];
  const { KeySchema } = parkingTableDefinition('parked');

  expect(page).toContain(`| \`attempts\` | ${attempts} |`);
  expect(page).toContain(`| \`stopAfter\` | ${stopAfter} |`);
  expect(page).toContain(`| \`timeShare\` | ${timeShare} |`);
  expect({ Records: [], ...JSON.parse(json) }).toEqual(redriveEvent());
  expect(KeySchema.map(({ AttributeName }) => AttributeName)).toEqual(['pk', 'sk']);
});

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shardMap } from '../../shared/core/shard-map.ts';
import { shardMapSvg } from '../../shared/core/shard-map-svg.ts';
import { coloursOf, type MapTheme } from '../../shared/core/shard-map-theme.ts';
import { startBrowser } from '../support/browser.ts';
import { manyShards } from '../support/many-shards.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

const SIZES = [
  { partitions: 7, width: 320 },
  { partitions: 7, width: 900 },
  { partitions: 30, width: 560 },
  { partitions: 330, width: 1_200 },
] as const;
const PICTURES = SIZES.flatMap((size) => (['light', 'dark'] as const).map((theme) => ({ ...size, theme })));

/** A page that shows a map as a dashboard would. */
async function pageOf(partitions: number, width: number, theme: MapTheme): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height: 600 } });
  const svg = shardMapSvg(shardMap(manyShards(partitions)), { theme, width });
  await page.setContent(`<body style="margin:0;background:${coloursOf(theme).background}">${svg}</body>`);
  return page;
}

interface Drawn {
  readonly text: string;
  readonly fill: string;
  readonly box: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
}

/** Every text of the page with the place that it really takes. */
const textsOf = (page: Page): Promise<readonly Drawn[]> =>
  page.$$eval('svg text', (texts) =>
    texts.map((text) => {
      const { left, right, top, bottom } = text.getBoundingClientRect();
      return { text: text.textContent ?? '', fill: text.getAttribute('fill') ?? '', box: { left, right, top, bottom } };
    }),
  );

test.each(PICTURES)(
  '$partitions partitions at $width pixels, $theme: no text leaves the picture or meets another',
  async ({ partitions, width, theme }) => {
    const page = await pageOf(partitions, width, theme);

    const texts = await textsOf(page);

    expect(texts.length).toBeGreaterThan(20);
    expect(texts.filter(({ box }) => box.left < 0 || box.right > width)).toEqual([]);
    const overlaps = texts.flatMap((a, index) =>
      texts
        .slice(index + 1)
        .filter((b) => a.box.left < b.box.right && b.box.left < a.box.right)
        // A line's box is a little higher than its letters.
        .filter((b) => a.box.top + 2 < b.box.bottom - 2 && b.box.top + 2 < a.box.bottom - 2)
        .map((b) => `${a.text} | ${b.text}`),
    );
    expect(overlaps).toEqual([]);
    await page.close();
  },
);

test.each(PICTURES)(
  '$partitions partitions at $width pixels, $theme: every text has a contrast of at least 4.5',
  async ({ partitions, width, theme }) => {
    const page = await pageOf(partitions, width, theme);

    const fills = new Set((await textsOf(page)).map(({ fill }) => fill));

    const { background, blank } = coloursOf(theme);
    for (const fill of fills) {
      expect(contrast(fill, background)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(fill, blank)).toBeGreaterThanOrEqual(4.5);
    }
    await page.close();
  },
);

test.each(['light', 'dark'] as const)(
  'without colour the levels are still told apart by their filling: %s',
  async (theme) => {
    const page = await pageOf(330, 900, theme);

    const heights = await page.$$eval('svg > g:last-child rect:not([rx])', (fillings) =>
      fillings.slice(0, 5).map((filling) => Number(filling.getAttribute('height'))),
    );

    expect(heights).toHaveLength(5);
    for (const [index, height] of heights.entries()) {
      if (index > 0) expect(height - heights[index - 1]!).toBeGreaterThanOrEqual(2);
    }
    await page.close();
  },
);

test('hovering over a shard shows its numbers', async () => {
  const page = await pageOf(330, 900, 'light');

  // As text, because it runs in the browser: nothing else here knows a document.
  const hovered = await page.evaluate(`(() => {
    const tile = document.querySelector('svg > g:nth-child(2) > g:nth-of-type(20) rect');
    const { left, top, width, height } = tile.getBoundingClientRect();
    const found = document.elementFromPoint(left + width / 2, top + height / 2);
    return found.closest('g').querySelector('title').textContent;
  })()`);

  expect(hovered).toMatch(/^shardId-\d{20}-[0-9a-f]{8}\nowner: /);
  await page.close();
});

/** The ratio of two colours as WCAG 2 defines it. */
function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((one, other) => other - one);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

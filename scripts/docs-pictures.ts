import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { App } from 'aws-cdk-lib';
import { CfnDashboard } from 'aws-cdk-lib/aws-cloudwatch';
import type { Page } from 'playwright-core';
import { MillraceStack, OtherRegionStack } from '../infra/example-stacks.ts';
import { shardMap } from '../shared/core/shard-map.ts';
import { shardMapSvg } from '../shared/core/shard-map-svg.ts';
import type { MapTheme } from '../shared/core/shard-map-theme.ts';
import { startBrowser } from '../test/support/browser.ts';
import { manyShards } from '../test/support/many-shards.ts';
import { type DashboardWidget, dashboardPicture, titled } from './dashboard-picture.ts';
import { indexedPng } from './indexed-png.ts';

const FOLDER = join(import.meta.dirname, '..', 'docs', 'images');

/** The maps of the docs: by their partitions, how wide they are. */
const MAPS = { 7: 900, 30: 560, 330: 1_200 } as const;

const mapOf = (partitions: keyof typeof MAPS, theme: MapTheme): string => {
  const options = { theme, width: MAPS[partitions], hasBackground: true };
  const svg = shardMapSvg(shardMap(manyShards(partitions)), options);
  return `${titled(svg, `the shards of a table with ${partitions} partitions`)}\n`;
};

/** The drawings that docs/watching.md links to, by file name: drawn by the code that the pictures are of. */
export const drawings = (): Readonly<Record<string, string>> => ({
  'shard-map-7.svg': mapOf(7, 'light'),
  'shard-map-30.svg': mapOf(30, 'light'),
  'shard-map-330.svg': mapOf(330, 'light'),
  'dashboard.svg': dashboardOf(),
});

/** The pictures that it shows, by file name, as the drawings that a browser paints: maps in both themes. */
export const pictures = (): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(
    ([7, 30, 330] as const).flatMap((partitions) =>
      (['light', 'dark'] as const).map((theme) => [`shard-map-${partitions}-${theme}.png`, mapOf(partitions, theme)]),
    ),
  ),
  'dashboard.png': dashboardOf(),
});

/** The dashboard of the repository's own app. */
function dashboardOf(): string {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] }, builtinCloudFormationValidation: false });
  const { table } = new OtherRegionStack(app, 'MillraceOrdersAbroad', { env: { region: 'us-east-1' } });
  const stack = new MillraceStack(app, 'Millrace', { env: { region: 'eu-west-1' }, abroad: table });
  const picture = dashboardPicture(widgetsOf(stack), (_subscription, width) =>
    shardMapSvg(shardMap(manyShards(7)), { theme: 'light', width }),
  );
  return titled(picture, 'the dashboard of a pipeline with a mapped and a walked subscription');
}

/** The widgets of the stack's dashboard; what only the deployment knows is told by the names in the template. */
function widgetsOf(stack: MillraceStack): readonly DashboardWidget[] {
  const dashboard = stack.node.findAll().find((one) => one instanceof CfnDashboard);
  const body: unknown = stack.resolve(dashboard?.dashboardBody);
  const parts = (body as { readonly 'Fn::Join': readonly [string, readonly unknown[]] })['Fn::Join'][1];
  const text = parts.map((part) => (typeof part === 'string' ? part : nameIn(part))).join('');
  return (JSON.parse(text) as { readonly widgets: readonly DashboardWidget[] }).widgets;
}

/** What a reference refers to, without what makes its name unique. */
const nameIn = (reference: unknown): string => {
  const [name = ''] = Object.values(reference as Readonly<Record<string, unknown>>).flat();
  return String(name).replace(/^ChangesWatch(Alarms|WalkerAlarms)?|[0-9A-F]{8}$/g, '');
};

/** What the browser makes of a drawing. */
async function painted(page: Page, svg: string): Promise<Uint8Array> {
  await page.setContent(`<body style="margin:0">${svg}</body>`);
  const shot = (await page.locator('body > svg').screenshot()).toString('base64');
  // As text, because it runs in the browser: nothing else here knows a document.
  const { width, height, data } = await page.evaluate<{ width: number; height: number; data: string }>(`(async () => {
    const image = new Image();
    image.src = 'data:image/png;base64,${shot}';
    await image.decode();
    const { width, height } = image;
    const canvas = new OffscreenCanvas(width, height).getContext('2d');
    canvas.drawImage(image, 0, 0);
    const pixels = new Blob([canvas.getImageData(0, 0, width, height).data]);
    const url = await new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.readAsDataURL(pixels);
    });
    return { width, height, data: url.slice(url.indexOf(',') + 1) };
  })()`);
  return indexedPng({ width, height, data: Buffer.from(data, 'base64') });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, svg] of Object.entries(drawings())) writeFileSync(join(FOLDER, name), svg);
  const browser = await startBrowser();
  const page = await browser.newPage({ viewport: { width: 1_500, height: 600 } });
  for (const [name, svg] of Object.entries(pictures())) writeFileSync(join(FOLDER, name), await painted(page, svg));
  await browser.close();
}

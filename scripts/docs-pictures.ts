import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { App } from 'aws-cdk-lib';
import { MillraceStack, OtherRegionStack } from '../infra/example-stacks.ts';
import { shardMap } from '../shared/core/shard-map.ts';
import { shardMapSvg } from '../shared/core/shard-map-svg.ts';
import type { MapTheme } from '../shared/core/shard-map-theme.ts';
import { manyShards } from '../test/support/many-shards.ts';
import { type DashboardWidget, dashboardPicture, titled } from './dashboard-picture.ts';

const FOLDER = join(import.meta.dirname, '..', 'docs', 'images');

const mapOf = (partitions: number, theme: MapTheme, width: number): string => {
  const svg = shardMapSvg(shardMap(manyShards(partitions)), { theme, width, hasBackground: true });
  return `${titled(svg, `the shards of a table with ${partitions} partitions`)}\n`;
};

/** The pictures of docs/watching.md, by file name: drawn by the code that the pictures are of. */
export const pictures = (): Readonly<Record<string, string>> => ({
  'shard-map-light.svg': mapOf(7, 'light', 900),
  'shard-map-dark.svg': mapOf(7, 'dark', 900),
  'shard-map-30.svg': mapOf(30, 'light', 900),
  'shard-map-330.svg': mapOf(330, 'dark', 900),
  'dashboard.svg': dashboardOf(),
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

function widgetsOf(stack: MillraceStack): readonly DashboardWidget[] {
  const [dashboard] = stack.node.findAll().filter((one) => 'dashboardBody' in one);
  const body: unknown = stack.resolve((dashboard as unknown as { readonly dashboardBody: unknown }).dashboardBody);
  const parts = (body as { readonly 'Fn::Join': readonly [string, readonly unknown[]] })['Fn::Join'][1];
  const text = parts.map((part) => (typeof part === 'string' ? part : 'known-at-deployment')).join('');
  return (JSON.parse(text) as { readonly widgets: readonly DashboardWidget[] }).widgets;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, svg] of Object.entries(pictures())) writeFileSync(join(FOLDER, name), svg);
}

import { Duration, type Stack } from 'aws-cdk-lib';
import { TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { expect, test } from 'vitest';
import { METRICS } from '../../shared/core/metrics.ts';
import { aMapped, aWalked, aWatch } from './a-watch.ts';
import { aHandler } from './an-app.ts';

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title?: string;
    readonly markdown?: string;
    readonly metrics?: readonly (readonly unknown[])[];
    readonly [name: string]: unknown;
  };
}

/** The widgets of the only dashboard of a stack, with what only the deployment knows left open. */
function widgetsOf(stack: Stack): readonly Widget[] {
  const [body] = stack.node
    .findAll()
    .filter((one) => 'dashboardBody' in one)
    .map((one) => stack.resolve((one as unknown as { dashboardBody: unknown }).dashboardBody));
  const text =
    typeof body === 'string'
      ? body
      : (body['Fn::Join'][1] as unknown[])
          .map((part) => (typeof part === 'string' ? part : 'known-at-deployment'))
          .join('');
  return (JSON.parse(text) as { readonly widgets: readonly Widget[] }).widgets;
}

const rowOf = (widgets: readonly Widget[], heading: string): readonly Widget[] => {
  const title = widgets.find(({ properties }) => properties.markdown?.startsWith(`### ${heading}`));
  return widgets.filter(({ type, y }) => type === 'metric' && y === (title?.y ?? -9) + (title?.height ?? 0));
};

test('a mapping and a walked subscription have the same headings, one below the other', () => {
  const widgets = widgetsOf(aWatch().stack);
  const headings = (row: readonly Widget[]) => row.map(({ x, width, properties }) => [x, width, properties.title]);

  const mapped = headings(rowOf(widgets, 'orders (event source mapping)'));

  expect(mapped.map(([, , title]) => title)).toEqual([
    'Lag',
    'Hours until loss',
    'Records',
    'Failures',
    'Parked and gaps',
    'Handler',
  ]);
  expect(headings(rowOf(widgets, 'orders-abroad (shard walker)'))).toEqual(mapped);
});

test('every row is full and no widget lies on another', () => {
  const widgets = widgetsOf(aWatch().stack);

  for (const [index, a] of widgets.entries()) {
    expect(a.x + a.width).toBeLessThanOrEqual(24);
    for (const b of widgets.slice(index + 1)) {
      const meets = a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
      expect(meets).toBe(false);
    }
  }
});

test('a text says what every heading means, and where the runbook is', () => {
  const widgets = widgetsOf(aWatch({ runbookUrl: 'https://wiki.example/millrace' }).stack);
  const [text] = widgets.filter(({ type }) => type === 'text');

  for (const { properties } of rowOf(widgets, 'orders ('))
    expect(text?.properties.markdown).toContain(`**${properties.title}**`);
  expect(text?.properties.markdown).toContain('[Runbook](https://wiki.example/millrace)');
});

test('what the headings of the walker mean is said above them', () => {
  const widgets = widgetsOf(aWatch().stack);
  const text = widgets.find(({ properties }) => properties.markdown?.startsWith('### Walker'));
  const row = rowOf(widgets, 'Walker');

  expect(row).toHaveLength(6);
  for (const { properties } of row) expect(text?.properties.markdown).toContain(`**${properties.title}**`);
});

test('a subscription with a bootstrap has a row that tells how far its run is, and no other has one', () => {
  const subjects = (stack: Stack) => [aMapped(stack), aWalked(stack, { scanSlice: Duration.hours(1) })];
  const titled = (widgets: readonly Widget[]) =>
    widgets.filter(({ properties }) => properties.title?.startsWith('Run:'));

  const graphs = titled(widgetsOf(aWatch({}, subjects).stack));
  const texts = widgetsOf(aWatch({}, subjects).stack).map(({ properties }) => properties.markdown);

  expect(graphs.map(({ properties }) => properties.metrics?.[0]?.slice(0, 6))).toEqual(
    ['RunItems', 'RunPercent', 'RunSegmentsLeft', 'RunHoursLeft'].map((name) => [
      'Millrace',
      name,
      'pipeline',
      'Shop',
      'subscription',
      'orders-abroad',
    ]),
  );
  for (const { properties } of graphs) expect(texts.join('\n')).toContain(`**${properties.title}**`);
  expect(new Set(graphs.map(({ y }) => y)).size).toBe(1);
  expect(titled(widgetsOf(aWatch().stack))).toEqual([]);
});

test('no graph cuts off what a source keeps for longer than a day', () => {
  const graphs = widgetsOf(aWatch().stack).filter(({ properties }) => properties.title === 'Hours until loss');

  expect(graphs).toHaveLength(2);
  for (const { properties } of graphs) expect(properties.yAxis).toMatchObject({ left: { min: 0 } });
  for (const { properties } of graphs) expect(properties.yAxis).not.toHaveProperty('left.max');
});

test("every metric of Millrace's own that is drawn exists, and has the dimensions it is written with", () => {
  const metrics = widgetsOf(aWatch().stack)
    .flatMap(({ properties }) => properties.metrics ?? [])
    .filter(([namespace]) => namespace === 'Millrace');

  expect(metrics.length).toBeGreaterThan(15);
  for (const [, name, ...dimensions] of metrics) {
    expect(Object.keys(METRICS)).toContain(name);
    expect(dimensions.slice(0, 4)).toEqual(['pipeline', 'Shop', 'subscription', expect.stringMatching(/^orders/)]);
  }
});

test('all alarms are shown, and the walker with what drives its cost', () => {
  const { stack, watch } = aWatch();
  const widgets = widgetsOf(stack);

  const alarms = widgets.find(({ type }) => type === 'alarm')?.properties.alarms;
  expect(alarms).toHaveLength(watch.alarms.length);
  expect(rowOf(widgets, 'Walker').map(({ properties }) => properties.title)).toEqual([
    'Walks',
    'Walk duration',
    'Active workers',
    'Shards',
    'Cost: reads',
    'Cost: state writes',
  ]);
});

test('more alarms than one widget may have are shown by several', () => {
  const { stack, watch } = aWatch({}, (stack) => {
    const handler = aHandler(stack);
    return Array.from({ length: 15 }, (_, index) => aWalked(stack, { handler, subscriptionName: `orders-${index}` }));
  });

  const shown = widgetsOf(stack)
    .filter(({ type }) => type === 'alarm')
    .map(({ properties }) => (properties.alarms as readonly unknown[]).length);

  expect(watch.alarms).toHaveLength(107);
  expect(shown).toEqual([100, 7]);
});

test('each walked subscription has its shard map, which is told its name', () => {
  const { stack } = aWatch({}, (stack) => {
    const handler = aHandler(stack);
    return [aMapped(stack), aWalked(stack, { handler }), aWalked(stack, { handler, subscriptionName: 'other' })];
  });

  const maps = widgetsOf(stack).filter(({ type }) => type === 'custom');

  expect(maps.map(({ properties }) => properties.params)).toEqual([
    { subscription: 'orders-abroad' },
    { subscription: 'other' },
  ]);
});

test('a pipeline of mappings has no walker, and no function that draws shards', () => {
  const { stack, template } = aWatch({}, (stack) => [aMapped(stack)]);

  expect(widgetsOf(stack).filter(({ type }) => type === 'custom')).toEqual([]);
  template.resourceCountIs('AWS::Lambda::Function', 1);
});

test('widgets of your own come below', () => {
  const { stack, watch } = aWatch();
  watch.dashboard?.addWidgets(new TextWidget({ markdown: 'ours' }));

  const widgets = widgetsOf(stack);

  expect(widgets.at(-1)?.properties.markdown).toBe('ours');
  expect(Math.max(...widgets.map(({ y }) => y))).toBe(widgets.at(-1)?.y);
});

test('without a dashboard there is none, and nothing that only it needs', () => {
  const { template } = aWatch({ dashboard: false });

  template.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
  template.resourceCountIs('AWS::Lambda::Function', 3);
});

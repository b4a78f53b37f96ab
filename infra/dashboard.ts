import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { dashboardText, runText, WALKER_TEXT } from './dashboard-text.ts';
import { namesOf, ownMetric, type SubscriptionMetrics, subscriptionMetrics } from './subscription-metrics.ts';
import type { WatchedSubscription } from './watched-subscription.ts';

/** What a dashboard shows, asked for when the app is synthesized: subscriptions come one after the other. */
export interface WatchedPipeline {
  readonly pipelineName: string;
  readonly subscriptions: () => readonly WatchedSubscription[];
  readonly alarms: () => readonly cloudwatch.IAlarm[];
  /** The walker's function, where there is one. */
  readonly walker: () => WalkerFunctionMetrics | undefined;
  /** The widget that draws a walked subscription's shards. */
  readonly shardMap: (subscriptionName: string) => cloudwatch.IWidget | undefined;
  /** Where the operator's runbook is, as a link. */
  readonly runbookUrl?: string | undefined;
}

/** The walker's own metrics, as CDK's functions give them. */
export interface WalkerFunctionMetrics {
  metricDuration(options?: cloudwatch.MetricOptions): cloudwatch.Metric;
  metricErrors(options?: cloudwatch.MetricOptions): cloudwatch.Metric;
  metricThrottles(options?: cloudwatch.MetricOptions): cloudwatch.Metric;
  metricInvocations(options?: cloudwatch.MetricOptions): cloudwatch.Metric;
}

const WIDTH = 24;
const PERIOD = Duration.minutes(1);
const LINE_HEIGHT = 5;

/**
 * One dashboard for a pipeline: a row for each subscription under the same headings, whichever path it takes; the
 * walker; the shards.
 */
export class PipelineDashboard extends Construct {
  readonly dashboardName: string;
  private readonly more: cloudwatch.IWidget[][] = [];

  constructor(scope: Construct, id: string, pipeline: WatchedPipeline) {
    super(scope, id);
    const dashboard = new cloudwatch.CfnDashboard(this, 'Resource', {
      dashboardBody: Lazy.string({ produce: () => this.body(pipeline) }),
    });
    this.dashboardName = dashboard.ref;
  }

  /** Adds widgets of yours, as a row below all others. */
  addWidgets(...widgets: cloudwatch.IWidget[]): void {
    this.more.push(widgets);
  }

  private body(pipeline: WatchedPipeline): string {
    const rows = [...widgetsOf(pipeline), ...this.more].map((widgets) => new cloudwatch.Row(...widgets));
    const column = new cloudwatch.Column(...rows);
    column.position(0, 0);
    return Stack.of(this).toJsonString({ start: '-PT12H', periodOverride: 'inherit', widgets: column.toJson() });
  }
}

function widgetsOf(pipeline: WatchedPipeline): readonly cloudwatch.IWidget[][] {
  const subscriptions = pipeline.subscriptions();
  const walked = subscriptions.filter((subject) => subject.delivery === 'shard-walker');
  const walker = pipeline.walker();
  const alarms = pipeline.alarms();
  return [
    [new cloudwatch.TextWidget({ markdown: dashboardText(pipeline), width: WIDTH, height: 7 })],
    ...alarmWidgets(alarms).map((widget) => [widget]),
    ...subscriptions.flatMap((subject) => [...subscriptionRow(subject), ...runRow(subject)]),
    ...(walker === undefined ? [] : [[heading(WALKER_TEXT, 2)], walkerRow(walker, walked)]),
    ...walked.flatMap((subject) => {
      const widget = pipeline.shardMap(subject.subscriptionName);
      return widget === undefined ? [] : [[widget]];
    }),
  ];
}

/** CloudWatch refuses a dashboard with more in one widget. */
const MOST_ALARMS = 100;

function alarmWidgets(alarms: readonly cloudwatch.IAlarm[]): readonly cloudwatch.IWidget[] {
  return Array.from({ length: Math.ceil(alarms.length / MOST_ALARMS) }, (_, index) => {
    const shown = alarms.slice(index * MOST_ALARMS, (index + 1) * MOST_ALARMS);
    const height = Math.min(10, 1 + Math.ceil(shown.length / 6));
    return new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms: shown, width: WIDTH, height });
  });
}

const heading = (markdown: string, height = 1): cloudwatch.IWidget =>
  new cloudwatch.TextWidget({
    markdown,
    width: WIDTH,
    height,
    background: cloudwatch.TextWidgetBackground.TRANSPARENT,
  });

/** Six graphs, the same for every subscription; a line for which a path has no metric is not there. */
function subscriptionRow(subject: WatchedSubscription): readonly cloudwatch.IWidget[][] {
  const metrics = subscriptionMetrics(subject);
  const path = subject.delivery === 'event-source-mapping' ? 'event source mapping' : 'shard walker';
  return [
    [heading(`### ${subject.subscriptionName} (${path})`)],
    [
      graph('Lag', [[metrics.lag, 'oldest unread, ms']]),
      graph('Hours until loss', [[metrics.hoursUntilLoss, 'hours']]),
      graph('Records', [
        [metrics.recordsRead, 'read'],
        [metrics.recordsDelivered, 'delivered'],
        [metrics.recordsFiltered, 'filtered'],
      ]),
      graph('Failures', [
        [metrics.recordsFailed, 'failed, retries too'],
        [metrics.recordsGivenUp, 'given up'],
        [metrics.destinationsRefused, 'destination refused'],
      ]),
      graph('Parked and gaps', parkedAndGaps(metrics)),
      graph(
        'Handler',
        [
          [metrics.handlerErrors, 'errors'],
          [metrics.handlerThrottles, 'throttles'],
        ],
        { right: [[metrics.handlerDuration, 'p99, ms']] },
      ),
    ],
  ];
}

/** How far a bootstrap or repair run is; only where a subscription has one. */
function runRow(subject: WatchedSubscription): readonly cloudwatch.IWidget[][] {
  if (subject.scanSlice === undefined) return [];
  const of = (name: Parameters<typeof ownMetric>[1], statistic: string, label: string): readonly Line[] => [
    [ownMetric(namesOf(subject), name, statistic), label],
  ];
  return [
    [
      new cloudwatch.TextWidget({ markdown: runText(subject.subscriptionName), width: WIDTH / 3, height: LINE_HEIGHT }),
      graph('Run: items', of('RunItems', 'Maximum', 'settled')),
      graph('Run: percent', of('RunPercent', 'Maximum', 'settled, estimated')),
      graph('Run: segments left', of('RunSegmentsLeft', 'Minimum', 'not finished')),
      graph('Run: hours left', of('RunHoursLeft', 'Minimum', 'estimated')),
    ],
  ];
}

const parkedAndGaps = (metrics: SubscriptionMetrics): readonly Line[] => [
  [metrics.parked, 'parked'],
  [metrics.parkedItems, 'items waiting'],
  [metrics.gaps, 'gaps'],
  [metrics.haltedShards, 'halted shards'],
];

function walkerRow(walker: WalkerFunctionMetrics, walked: readonly WatchedSubscription[]): cloudwatch.IWidget[] {
  const of = (name: Parameters<typeof ownMetric>[1], statistic: string, words: string): readonly Line[] =>
    walked.map(
      (subject): Line => [ownMetric(namesOf(subject), name, statistic), `${subject.subscriptionName} ${words}`.trim()],
    );
  const options = { period: PERIOD };
  return [
    graph('Walks', [
      [walker.metricInvocations({ ...options, statistic: 'Sum' }), 'ticks'],
      [walker.metricErrors({ ...options, statistic: 'Sum' }), 'errors'],
      [walker.metricThrottles({ ...options, statistic: 'Sum' }), 'throttles'],
    ]),
    graph('Walk duration', [[walker.metricDuration({ ...options, statistic: 'Maximum' }), 'longest, ms']]),
    graph('Active workers', of('ActiveWorkers', 'Maximum', '')),
    graph('Shards', [...of('OpenShards', 'Maximum', 'readable'), ...of('WaitingShards', 'Maximum', 'waiting')]),
    graph('Cost: reads', of('PagesRead', 'Sum', '')),
    graph('Cost: state writes', of('StateWrites', 'Sum', '')),
  ];
}

type Line = readonly [metric: cloudwatch.IMetric | undefined, label: string];

/** A graph of which six make a row. */
function graph(
  title: string,
  left: readonly Line[],
  { right = [] }: { readonly right?: readonly Line[] } = {},
): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({
    title,
    width: WIDTH / 6,
    height: LINE_HEIGHT,
    left: labelled(left),
    right: labelled(right),
    leftYAxis: { min: 0, showUnits: false },
    rightYAxis: { min: 0, showUnits: false },
    legendPosition: cloudwatch.LegendPosition.BOTTOM,
  });
}

const labelled = (lines: readonly Line[]): cloudwatch.IMetric[] =>
  lines.flatMap(([metric, label]) => {
    if (metric instanceof cloudwatch.Metric) return [metric.with({ label })];
    if (metric instanceof cloudwatch.MathExpression) return [metric.with({ label })];
    return metric === undefined ? [] : [metric];
  });

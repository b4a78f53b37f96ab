import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { type AlarmThresholds, thresholdsOf } from './alarm-thresholds.ts';
import type { AlarmRule } from './alarms.ts';
import { namesOf, ownMetric, subscriptionMetrics } from './subscription-metrics.ts';
import type { WatchedSubscription } from './watched-subscription.ts';

const MINUTE = Duration.minutes(1);
const { BREACHING, IGNORE, NOT_BREACHING } = cloudwatch.TreatMissingData;
const { GREATER_THAN_THRESHOLD, LESS_THAN_THRESHOLD } = cloudwatch.ComparisonOperator;

/** The alarms of one subscription. */
export function subscriptionAlarms(
  scope: Construct,
  subject: WatchedSubscription,
  given: AlarmThresholds | undefined,
): Readonly<Record<string, AlarmRule>> {
  const thresholds = thresholdsOf(scope, given);
  const isMapped = subject.delivery === 'event-source-mapping';
  return {
    ...bothPaths(subject, thresholds),
    ...parked(subject),
    ...(isMapped ? mappingOnly(subject) : walkerOnly(subject, thresholds)),
  };
}

const nameOf = ({ pipelineName, subscriptionName }: WatchedSubscription): string =>
  `${pipelineName}, subscription ${subscriptionName}`;

/** How long the lag has to last: long enough for children that are not visible yet, or a rewind, to pass. */
const LAG_LASTS = Duration.minutes(15);
const LOSS_LASTS = Duration.minutes(5);

/**
 * How often an age is told at least: a walker tells one each minute, a mapping when it is done with a batch, which takes
 * minutes where the handler is slow or the batch waits to be retried. A minute without an age would end an alarm.
 */
const agesOf = (isMapped: boolean): Duration => (isMapped ? Duration.minutes(5) : MINUTE);

function bothPaths(subject: WatchedSubscription, thresholds: Required<AlarmThresholds>) {
  const { untilLoss } = thresholds;
  // While a bootstrap scans, changes wait for the slice's end: that is no trouble.
  const lag = subject.scanSlice ? thresholds.lag.plus(subject.scanSlice) : thresholds.lag;
  const metrics = subscriptionMetrics(subject);
  const name = nameOf(subject);
  const isMapped = subject.delivery === 'event-source-mapping';
  // A mapping tells no age while its table is quiet. A walker that tells none does not walk: that has an alarm of its
  // own, and this one stays as it is.
  const missing = isMapped ? NOT_BREACHING : IGNORE;
  const period = agesOf(isMapped);
  const periodsIn = (time: Duration): number => time.toMinutes() / period.toMinutes();
  return {
    Lag: {
      metric: metrics.lag.with({ period }),
      threshold: lag.toMilliseconds(),
      comparison: GREATER_THAN_THRESHOLD,
      periods: periodsIn(LAG_LASTS),
      missing,
      says: `${name}: changes reach the handler more than ${lag.toHumanString()} late. Look at the handler's errors and throttles first; if it is merely slow, raise batchSize, parallelizationFactor${isMapped ? '' : ', workers'} or its memory.`,
    },
    HoursUntilLoss: {
      metric: seen(metrics.hoursUntilLoss, period),
      threshold: untilLoss.toHours({ integral: false }),
      comparison: LESS_THAN_THRESHOLD,
      periods: periodsIn(LOSS_LASTS),
      missing,
      says: `${name}: unread changes are lost in less than ${untilLoss.toHumanString()}. Repair the handler now; if one change blocks its shard, let it be parked or given up.`,
    },
    GivenUp: {
      metric: givenUp(subject, metrics.recordsGivenUp),
      threshold: 1,
      says: `${name}: batches were given up and lie in the on-failure destination. Repair the cause, then deliver them again and remove them there.`,
    },
    OnFailureRefused: {
      metric: metrics.destinationsRefused,
      threshold: 1,
      says: isMapped
        ? `${name}: the on-failure destination refused a batch, and Lambda has dropped it. Give the handler's role its permission back (key, bucket or queue policy), then deliver the lost range again.`
        : `${name}: the on-failure destination refuses a batch, and its shard stands still until it takes it. Give the walker's role its permission back (key, bucket or queue policy).`,
    },
  } satisfies Record<string, AlarmRule>;
}

/** A metric over another period, also one that is computed of others. */
const seen = (metric: cloudwatch.IMetric, period: Duration): cloudwatch.IMetric =>
  metric instanceof cloudwatch.Metric || metric instanceof cloudwatch.MathExpression ? metric.with({ period }) : metric;

function parked(subject: WatchedSubscription): Readonly<Record<string, AlarmRule>> {
  const { parked: changes, parkedItems: items } = subscriptionMetrics(subject);
  if (!subject.isParking) return {};
  return {
    Parked: {
      metric: new cloudwatch.MathExpression({
        expression: 'MAX([changes, items])',
        usingMetrics: { changes, items },
        label: 'parked',
        period: MINUTE,
      }),
      threshold: 1,
      // What is parked is told when the handler runs: in between, nothing has changed.
      missing: IGNORE,
      says: `${nameOf(subject)}: changes are parked, and later ones of the same items wait behind them. Find the error in the handler's log, repair the cause, then redrive them in order (docs/parking.md).`,
    },
  };
}

/** What lies in a queue is known; what lies in a bucket or went to a topic is not, so there each one that comes counts. */
function givenUp(subject: WatchedSubscription, counted: cloudwatch.IMetric): cloudwatch.IMetric {
  if (subject.onFailureQueueName === undefined) return counted;
  return new cloudwatch.Metric({
    namespace: 'AWS/SQS',
    metricName: 'ApproximateNumberOfMessagesVisible',
    dimensionsMap: { QueueName: subject.onFailureQueueName },
    statistic: 'Maximum',
    period: MINUTE,
  });
}

function walkerOnly(subject: WatchedSubscription, { withoutWalk }: Required<AlarmThresholds>) {
  const { gaps, haltedShards, lag } = subscriptionMetrics(subject);
  const name = nameOf(subject);
  const gap: Readonly<Record<string, AlarmRule>> =
    gaps && haltedShards
      ? {
          Gap: {
            metric: new cloudwatch.MathExpression({
              expression: 'MAX([gaps, halted])',
              usingMetrics: { gaps, halted: haltedShards },
              label: 'gaps',
              period: MINUTE,
            }),
            threshold: 1,
            says: `${name}: changes may have been lost. "millrace gaps" tells where and when; compare or repair what they changed, and accept a gap that halts its shard.`,
          },
        }
      : {};
  const noWalk: Readonly<Record<string, AlarmRule>> = subject.isEnabled
    ? {
        NoWalk: {
          metric: lag.with({ statistic: 'SampleCount' }),
          threshold: 1,
          comparison: LESS_THAN_THRESHOLD,
          periods: withoutWalk.toMinutes(),
          // What is missing is the walk.
          missing: BREACHING,
          says: `${name}: no walk has read for ${withoutWalk.toHumanString()}, while the stream forgets after 24 hours. It may be paused, its schedule off, its table or stream gone, or the walker failing or throttled: "millrace doctor" tells which.`,
        },
      }
    : {};
  return { ...gap, ...noWalk, ...brokenTables(subject) };
}

/** A table that cannot be read stops no other, so somebody has to be told. */
function brokenTables(subject: WatchedSubscription): Readonly<Record<string, AlarmRule>> {
  if (!subject.isForTables) return {};
  return {
    BrokenTables: {
      metric: ownMetric(namesOf(subject), 'BrokenTables', 'Maximum'),
      threshold: 1,
      periods: 5,
      missing: IGNORE,
      says: `${nameOf(subject)}: a table that matches cannot be read, and its stream forgets after 24 hours: "millrace tables ${subject.subscriptionName}" says which, and why.`,
    },
  };
}

/** Sparse writes fall into few quarters of an hour; two of four tell a mapping that reads nothing from a chance. */
const QUARTER = Duration.minutes(15);

function mappingOnly(subject: WatchedSubscription): Readonly<Record<string, AlarmRule>> {
  if (subject.written === undefined || !subject.isEnabled) return {};
  const name = nameOf(subject);
  // A metric without any value is no zero, not even for FILL; nought times one that has values is.
  const written = subject.written.with({ period: QUARTER });
  const polled = subscriptionMetrics(subject).recordsRead.with({ period: QUARTER });
  const none = new cloudwatch.MathExpression({
    expression: '0 * written',
    usingMetrics: { written },
    period: QUARTER,
  });
  return {
    ReadsNothing: {
      metric: new cloudwatch.MathExpression({
        expression: 'IF(written > 0 AND MAX([polled, none]) == 0, 1, 0)',
        usingMetrics: { written, polled, none },
        label: 'written but not read',
        period: QUARTER,
      }),
      threshold: 1,
      periods: 4,
      outOf: 2,
      says: `${name}: the source is written, and its mapping reads nothing. Somebody may have disabled it by hand: look at the mapping's state in Lambda and enable it, or deploy again. Else a failing batch blocks it: see the lag. Writes that change nothing leave no record; and right after the first deployment this passes by itself.`,
    },
  };
}

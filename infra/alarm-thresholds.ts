import { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { checkSeconds, refuse } from './range.ts';

/** When a subscription's alarms go off; each default has its reason. */
export interface AlarmThresholds {
  /**
   * How old an unread change may become, for a quarter of an hour on end. A walk, a deployment and a retried batch take
   * less; whoever needs changes sooner sets less. A bootstrap's slice comes on top: changes wait while it scans. Range:
   * 1 minute to 23 hours.
   * @default Duration.minutes(15)
   */
  readonly lag?: Duration;
  /**
   * How long before the stream forgets unread changes. Half of the 24 hours leaves a night for a person to help; by
   * then a mapping has not given anything up yet either (at 20 hours). Range: 1 to 23 hours.
   * @default Duration.hours(12)
   */
  readonly untilLoss?: Duration;
  /**
   * How long no walk may read. A schedule ticks every minute, may be a minute late and miss one; the walk that waited
   * for a slot, or the first after a deployment, takes some more. Range: 3 minutes to 1 hour.
   * @default Duration.minutes(10)
   */
  readonly withoutWalk?: Duration;
}

/** Every threshold, known and checked. */
export function thresholdsOf(scope: IConstruct, given: AlarmThresholds = {}): Required<AlarmThresholds> {
  checkSeconds(scope, 'alarmThresholds.lag', given.lag, 60, 23 * 3600);
  checkSeconds(scope, 'alarmThresholds.untilLoss', given.untilLoss, 3600, 23 * 3600);
  checkSeconds(scope, 'alarmThresholds.withoutWalk', given.withoutWalk, 180, 3600);
  const withoutWalk = given.withoutWalk ?? Duration.minutes(10);
  if (withoutWalk.toSeconds() % 60 !== 0) {
    refuse(scope, `alarmThresholds.withoutWalk must be whole minutes, got ${withoutWalk.toSeconds()} s`);
  }
  return { lag: given.lag ?? Duration.minutes(15), untilLoss: given.untilLoss ?? Duration.hours(12), withoutWalk };
}

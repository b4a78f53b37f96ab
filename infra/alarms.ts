import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

const { NOT_BREACHING } = cloudwatch.TreatMissingData;
const { GREATER_THAN_OR_EQUAL_TO_THRESHOLD } = cloudwatch.ComparisonOperator;

/** One alarm: when it goes off, and what a person does then. */
export interface AlarmRule {
  readonly metric: cloudwatch.IMetric;
  readonly threshold: number;
  /** @default GREATER_THAN_OR_EQUAL_TO_THRESHOLD */
  readonly comparison?: cloudwatch.ComparisonOperator;
  /** Periods of the metric that are looked at. @default 1 */
  readonly periods?: number;
  /** How many of them have to be beyond the threshold. @default - all */
  readonly outOf?: number;
  /** @default NOT_BREACHING */
  readonly missing?: cloudwatch.TreatMissingData;
  /** What has happened, and what to do. */
  readonly says: string;
}

/** Makes alarms of rules, named by their construct ids, and tells a topic when they go off and when all is well again. */
export class Alarms extends Construct {
  readonly alarms: readonly cloudwatch.Alarm[];

  constructor(scope: Construct, id: string, rules: Readonly<Record<string, AlarmRule>>, topic?: sns.ITopic) {
    super(scope, id);
    this.alarms = Object.entries(rules).map(([name, rule]) => {
      const alarm = new cloudwatch.Alarm(this, name, {
        alarmDescription: rule.says,
        metric: rule.metric,
        threshold: rule.threshold,
        comparisonOperator: rule.comparison ?? GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: rule.periods ?? 1,
        datapointsToAlarm: rule.outOf ?? rule.periods ?? 1,
        treatMissingData: rule.missing ?? NOT_BREACHING,
      });
      if (topic) {
        alarm.addAlarmAction(new SnsAction(topic));
        alarm.addOkAction(new SnsAction(topic));
      }
      return alarm;
    });
  }
}

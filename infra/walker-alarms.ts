import { Duration } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { AlarmRule } from './alarms.ts';

/** How many walks may die in a quarter of an hour: the next tick goes on where one left, so a single one is no news. */
const WALKS_THAT_MAY_DIE = 3;

/** The alarms of a pipeline's walker, whatever subscription it walks. */
export function walkerAlarms(pipelineName: string, walker: lambda.IFunction): Readonly<Record<string, AlarmRule>> {
  const period = Duration.minutes(15);
  return {
    WalkerErrors: {
      metric: walker.metricErrors({ period, statistic: 'Sum' }),
      threshold: WALKS_THAT_MAY_DIE,
      says: `${pipelineName}: walks die of errors, time out or run out of memory. Read the walker's log; a request that cannot be read needs a deployment, too little memory a larger walkerMemorySize.`,
    },
    WalkerThrottles: {
      metric: walker.metricThrottles({ period, statistic: 'Sum' }),
      threshold: WALKS_THAT_MAY_DIE,
      says: `${pipelineName}: Lambda does not start walks, for want of concurrency. Raise the account's or the walker's reserved concurrency, or use fewer workers.`,
    },
  };
}

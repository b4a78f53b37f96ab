import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { IteratorAge } from '../core/operations-reach.ts';

/** CloudWatch takes so many queries in one call. */
const QUERIES = 500;
/** Idle mappings say nothing for a while; an hour finds the last they said. */
const LOOK_BACK_MS = 3_600_000;

/**
 * How far the mappings of each function were behind within the last hour, the newest first; a function that said nothing
 * is left out: its streams are idle, or it is not invoked.
 */
export async function iteratorAges(
  client: CloudWatchClient,
  functionNames: readonly string[],
  nowMs: number,
): Promise<ReadonlyMap<string, readonly IteratorAge[]>> {
  const ages = new Map<string, readonly IteratorAge[]>();
  for (let from = 0; from < functionNames.length; from += QUERIES) {
    const names = functionNames.slice(from, from + QUERIES);
    const { MetricDataResults: results = [] } = await client.send(
      new GetMetricDataCommand({
        StartTime: new Date(nowMs - LOOK_BACK_MS),
        EndTime: new Date(nowMs),
        ScanBy: 'TimestampDescending',
        MetricDataQueries: names.map((Value, index) => ({
          Id: `f${index}`,
          MetricStat: {
            Metric: {
              Namespace: 'AWS/Lambda',
              MetricName: 'IteratorAge',
              Dimensions: [{ Name: 'FunctionName', Value }],
            },
            Period: 60,
            Stat: 'Maximum',
          },
        })),
      }),
    );
    for (const { Id = '', Values = [], Timestamps = [] } of results) {
      const name = names[Number(Id.slice(1))];
      const points = Values.map((ageMs, index) => ({ ageMs, atMs: Timestamps[index]?.getTime() ?? nowMs }));
      if (name !== undefined && points.length > 0) ages.set(name, points);
    }
  }
  return ages;
}

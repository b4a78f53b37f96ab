import { Duration, Fn } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';

/** What is written to the source of a stream, by the stream's ARN: `.../table/NAME/stream/LABEL`, or `...:stream/NAME...`. */
export function writtenMetric(streamArn: string, isKinesis = false): cloudwatch.Metric {
  const name = Fn.select(1, Fn.split('/', streamArn));
  const common = { statistic: 'Sum', period: Duration.minutes(1) };
  return isKinesis
    ? new cloudwatch.Metric({
        ...common,
        namespace: 'AWS/Kinesis',
        metricName: 'IncomingRecords',
        dimensionsMap: { StreamName: name },
      })
    : new cloudwatch.Metric({
        ...common,
        namespace: 'AWS/DynamoDB',
        metricName: 'ConsumedWriteCapacityUnits',
        dimensionsMap: { TableName: name },
      });
}

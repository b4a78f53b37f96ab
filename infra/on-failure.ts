import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { allow } from './statement.ts';

/** Who writes: Lambda with the handler's role, or the walker with its own, below a prefix. */
export type FailureWriter =
  | { readonly path: 'event-source-mapping' }
  | { readonly path: 'shard-walker'; readonly prefix: string };

/** Where batches go that were given up. Made by {@link OnFailure}. */
export interface OnFailureDestination {
  readonly kind: 's3' | 'sqs' | 'sns';
  readonly arn: string;
  /** What the walker calls it by: the bucket's name, the queue's URL or the topic's ARN. */
  readonly target: string;
  /** What the writer's role needs. */
  readonly statements: (writer: FailureWriter) => readonly iam.PolicyStatement[];
  /** Why Lambda would refuse it, if it would. */
  readonly refused?: string;
  /** Where it is. */
  readonly region: string;
}

export const OnFailure = {
  /** A bucket: the only destination that always keeps the changes themselves. */
  s3: (bucket: s3.IBucket): OnFailureDestination => ({
    kind: 's3',
    region: bucket.env.region,
    arn: bucket.bucketArn,
    target: bucket.bucketName,
    statements: (writer) => [
      // Below a prefix of its own each names its objects by shard and time. Lambda looks at the bucket first.
      ...(writer.path === 'event-source-mapping'
        ? [
            allow(['s3:ListBucket'], [bucket.bucketArn]),
            allow(['s3:PutObject'], [bucket.arnForObjects('aws/lambda/*')]),
          ]
        : [allow(['s3:PutObject'], [bucket.arnForObjects(`${writer.prefix}/*`)])]),
      ...keyUse(bucket.encryptionKey, ['kms:GenerateDataKey']),
    ],
  }),

  /**
   * A queue. Lambda tells it which shard and which sequence numbers, and the changes have to be read again within 24
   * hours; the walker sends the changes, too, where they fit.
   */
  sqs: (queue: sqs.IQueue): OnFailureDestination => ({
    kind: 'sqs',
    region: queue.env.region,
    arn: queue.queueArn,
    target: queue.queueUrl,
    statements: () => [
      allow(['sqs:SendMessage'], [queue.queueArn]),
      ...keyUse(queue.encryptionMasterKey, ['kms:GenerateDataKey', 'kms:Decrypt']),
    ],
    ...(queue.fifo && { refused: 'a FIFO queue cannot be an on-failure destination: give a standard queue' }),
  }),

  /** A topic: is told the same as a queue. */
  sns: (topic: sns.ITopic): OnFailureDestination => ({
    kind: 'sns',
    region: topic.env.region,
    arn: topic.topicArn,
    target: topic.topicArn,
    statements: () => [
      allow(['sns:Publish'], [topic.topicArn]),
      ...keyUse(topic.masterKey, ['kms:GenerateDataKey', 'kms:Decrypt']),
    ],
    ...(topic.fifo && { refused: 'a FIFO topic cannot be an on-failure destination: give a standard topic' }),
  }),
} as const;

const keyUse = (key: kms.IKey | undefined, actions: readonly string[]): iam.PolicyStatement[] =>
  key === undefined ? [] : [allow(actions, [key.keyArn])];

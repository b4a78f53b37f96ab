import { Stack } from 'aws-cdk-lib';
import { StreamViewType } from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as kinesis from 'aws-cdk-lib/aws-kinesis';
import type { IConstruct } from 'constructs';
import { countKinesisReader, sharedReaders } from './kinesis-readers.ts';
import { pollStatements, readStatements, refuseAutoDistribution, retentionHoursOf } from './kinesis-stream.ts';
import { checkWhole, refuse } from './range.ts';
import type { MappedSource, Source, SourceLocation, WalkedSource } from './source.ts';
import { allow } from './statement.ts';
import { compareWithHere } from './table-place.ts';

export interface KinesisSourceOptions {
  /**
   * Whether a mapping reads through a consumer of its own, with its own throughput and less latency, for a price: `true`
   * makes one, or one is given. Only for mappings.
   * @default false
   */
  readonly enhancedFanOut?: boolean | kinesis.IStreamConsumer;
  /**
   * How many read the stream besides the subscriptions of this app, without enhanced fan-out: they share the five reads
   * a second of each shard. Range: 0 to 50.
   * @default 0
   */
  readonly readers?: number;
  /**
   * The role that the walker assumes to read a stream of another account.
   * @default - none: a stream of another account is mapped, which its resource policy has to allow
   */
  readonly readerRole?: iam.IRole;
}

/** A Kinesis stream as its source sees it. */
export interface SourceStream {
  readonly stream: kinesis.IStream;
  readonly options: KinesisSourceOptions;
  /** The table whose changes alone are followed, where the stream may carry others. */
  readonly onlyTable?: string;
  /** What lets the table publish, made once; its result must exist before anything is read. */
  readonly publish?: (subscription: IConstruct) => readonly IConstruct[];
}

/** The changes in one Kinesis stream. */
export function kinesisSource(source: SourceStream): Source {
  const { stream, options } = source;
  const consumers = new Map<IConstruct, kinesis.IStreamConsumer>();
  const isFannedOut = options.enhancedFanOut !== undefined && options.enhancedFanOut !== false;
  return {
    isKinesis: true,
    retentionHours: retentionHoursOf(stream),
    locate: (subscription) => locate(source, subscription),
    count: (subscription, handler, delivery) =>
      countKinesisReader(subscription, keyOf(stream), {
        handler,
        delivery,
        isFannedOut: isFannedOut && delivery === 'event-source-mapping',
      }),
    map: (subscription) => mapStream(source, subscription, consumers),
    walk: (subscription) => walkStream(source, subscription),
  };
}

function locate({ stream, options }: SourceStream, subscription: IConstruct): SourceLocation {
  const { region, account } = stream.env;
  const { isRegion, isAccount } = compareWithHere(subscription, { region, account }, "the Kinesis stream's");
  refuseAutoDistribution(subscription, stream);
  checkWhole(subscription, 'readers', options.readers, 0, 50);
  const streamOwner = isAccount ? undefined : account;
  const common = { streamKey: keyOf(stream), isReplicated: false, streamOwner };
  const here = Stack.of(subscription).region;
  if (!isRegion) {
    const reason = `the Kinesis stream is in ${region} and the pipeline in ${here}, and no event source mapping reads another region's stream`;
    const notMappable = `the Kinesis stream is in ${region}, and an event source mapping reads streams of its own region (${here}) only`;
    return { ...common, delivery: 'shard-walker', reason, notMappable };
  }
  if (!isAccount && options.readerRole !== undefined) {
    const reason = `the Kinesis stream belongs to the account ${account}, and there is a role to read it with`;
    return { ...common, delivery: 'shard-walker', reason };
  }
  if (!isAccount) {
    const reason = `the Kinesis stream belongs to the account ${account}, and its resource policy can let the mapping in`;
    return { ...common, delivery: 'event-source-mapping', reason };
  }
  return { ...common, delivery: 'event-source-mapping', reason: "the Kinesis stream is in the pipeline's region" };
}

function mapStream(
  source: SourceStream,
  subscription: IConstruct,
  consumers: Map<IConstruct, kinesis.IStreamConsumer>,
): MappedSource {
  const { stream, options, onlyTable, publish } = source;
  if (options.readerRole !== undefined) {
    refuse(subscription, "readerRole is for the shard walker: leave it out, or give delivery: 'shard-walker'");
  }
  const consumer = consumerOf(source, subscription, consumers);
  const statements = [
    ...readStatements(stream, stream.env.region),
    ...pollStatements(stream, consumer?.streamConsumerArn),
  ];
  return {
    streamArn: consumer?.streamConsumerArn ?? stream.streamArn,
    viewType: StreamViewType.NEW_AND_OLD_IMAGES,
    statements,
    dependencies: publish?.(subscription) ?? [],
    ...(onlyTable !== undefined && { onlyTable }),
  };
}

function walkStream(source: SourceStream, subscription: IConstruct): WalkedSource {
  const { stream, options, onlyTable, publish } = source;
  const { isAccount } = compareWithHere(subscription, stream.env, "the Kinesis stream's");
  if (options.enhancedFanOut !== undefined && options.enhancedFanOut !== false) {
    refuse(subscription, "enhancedFanOut is for event source mappings: the walker reads with the stream's readers");
  }
  if (!isAccount && options.readerRole === undefined) {
    refuse(
      subscription,
      `readerRole must be given: the Kinesis stream belongs to the account ${stream.env.account}, and the walker reads it by assuming a role of that account`,
    );
  }
  publish?.(subscription);
  const role = options.readerRole?.roleArn;
  return {
    request: {
      kind: 'kinesis',
      streamName: stream.streamName,
      region: stream.env.region,
      ...(role && { roleArn: role }),
      readers: sharedReaders(subscription, keyOf(stream), options.readers ?? 0),
    },
    viewType: StreamViewType.NEW_AND_OLD_IMAGES,
    statements: role === undefined ? readStatements(stream, stream.env.region) : [allow(['sts:AssumeRole'], [role])],
    ...(onlyTable !== undefined && { onlyTable }),
  };
}

/** A consumer of each mapping's own: two mappings that share one would share its throughput. */
function consumerOf(
  { stream, options }: SourceStream,
  subscription: IConstruct,
  made: Map<IConstruct, kinesis.IStreamConsumer>,
): kinesis.IStreamConsumer | undefined {
  const { enhancedFanOut = false } = options;
  if (enhancedFanOut === false) return undefined;
  if (!compareWithHere(subscription, stream.env, "the Kinesis stream's").isAccount) {
    refuse(
      subscription,
      `enhancedFanOut must be left out or false: the Kinesis stream belongs to the account ${stream.env.account}, and so would its consumers`,
    );
  }
  if (enhancedFanOut !== true) return enhancedFanOut;
  const name = `millrace-${subscription.node.addr.slice(0, 16)}`;
  const consumer =
    made.get(subscription) ??
    new kinesis.StreamConsumer(subscription as ConstructorParameters<typeof kinesis.StreamConsumer>[0], 'Consumer', {
      stream,
      streamConsumerName: name,
    });
  made.set(subscription, consumer);
  return consumer;
}

const keyOf = (stream: kinesis.IStream): string =>
  JSON.stringify(['kinesis', Stack.of(stream).node.path, Stack.of(stream).resolve(stream.streamArn)]);

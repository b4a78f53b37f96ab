import { Annotations, Stack } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { refuse } from './range.ts';
import type { Delivery, SourceLocation } from './source.ts';

/** DynamoDB throttles a third reader of a shard; on a global table, where replication reads too, a second one. */
const MOST = 2;

interface Reader {
  readonly path: string;
  readonly handler: string;
  readonly delivery: Delivery;
}

const readersOfApp = new WeakMap<IConstruct, Map<string, Reader[]>>();

/** Counts a subscription among its stream's readers; those of other apps cannot be seen here. */
export function countReader(
  subscription: IConstruct,
  { streamKey, isReplicated }: SourceLocation,
  handler: lambda.IFunction,
  delivery: Delivery,
): void {
  const streams = readersOfApp.get(subscription.node.root) ?? new Map<string, Reader[]>();
  readersOfApp.set(subscription.node.root, streams);
  const readers = streams.get(streamKey) ?? [];
  const paths = readers.map((reader) => reader.path).join(' and ');
  if (readers.length >= MOST) {
    refuse(
      subscription,
      `a stream has at most ${MOST} readers, and this one has ${paths} already: let one handler do both, or publish the table to Kinesis Data Streams`,
    );
  }
  if (isReplicated && readers.length === 1) {
    Annotations.of(subscription).addWarningV2(
      'millrace:second-reader',
      `the table is a global table, whose replication reads the stream, too: AWS advises one reader, and ${paths} is one already`,
    );
  }
  const reader = { path: subscription.node.path, handler: identityOf(handler), delivery };
  const twin = readers.find((one) => one.handler === reader.handler && one.delivery === delivery);
  if (twin !== undefined && delivery === 'event-source-mapping') {
    refuse(
      subscription,
      `${twin.path} maps this stream to this handler already: Lambda refuses a second mapping of the two`,
    );
  }
  streams.set(streamKey, [...readers, reader]);
}

/** Equal for two constructs of one function, as far as CDK can tell. */
const identityOf = (handler: lambda.IFunction): string =>
  JSON.stringify([Stack.of(handler).node.path, Stack.of(handler).resolve(handler.functionArn)]);

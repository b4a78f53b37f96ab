import { Annotations, Lazy, Stack } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { refuse } from './range.ts';
import type { Delivery } from './source.ts';

/** Kinesis answers five reads a second and shard; a mapping makes one, and walks share what the count of readers says. */
const READS_A_SECOND = 5;

interface Reader {
  readonly path: string;
  readonly handler: string;
  readonly delivery: Delivery;
  /** Whether it reads through a consumer of its own, which has its own throughput. */
  readonly isFannedOut: boolean;
}

const readersOfApp = new WeakMap<IConstruct, Map<string, Reader[]>>();

const readersOf = (scope: IConstruct, streamKey: string): Reader[] => {
  const streams = readersOfApp.get(scope.node.root) ?? new Map<string, Reader[]>();
  readersOfApp.set(scope.node.root, streams);
  const readers = streams.get(streamKey) ?? [];
  streams.set(streamKey, readers);
  return readers;
};

/** Counts a subscription among its stream's readers. */
export function countKinesisReader(
  subscription: IConstruct,
  streamKey: string,
  { handler, delivery, isFannedOut }: { handler: lambda.IFunction; delivery: Delivery; isFannedOut: boolean },
): void {
  const readers = readersOf(subscription, streamKey);
  const reader = { path: subscription.node.path, handler: identityOf(handler), delivery, isFannedOut };
  const twin = readers.find((one) => one.handler === reader.handler && one.delivery === delivery);
  if (twin !== undefined && delivery === 'event-source-mapping' && !isFannedOut) {
    refuse(
      subscription,
      `${twin.path} maps this stream to this handler already: Lambda refuses a second mapping of the two`,
    );
  }
  readers.push(reader);
  const shared = readers.filter((one) => !one.isFannedOut).length;
  if (shared > READS_A_SECOND) {
    Annotations.of(subscription).addWarningV2(
      'millrace:kinesis-readers',
      `${shared} subscriptions share the ${READS_A_SECOND} reads a second of each shard: give some of the mapped ones enhancedFanOut`,
    );
  }
}

/** How many read a stream without a consumer of their own, once all subscriptions of the app are there. */
export const sharedReaders = (scope: IConstruct, streamKey: string, others: number): number =>
  Lazy.number({
    produce: () => Math.max(1, readersOf(scope, streamKey).filter((one) => !one.isFannedOut).length + others),
  });

/** Equal for two constructs of one function, as far as CDK can tell. */
const identityOf = (handler: lambda.IFunction): string =>
  JSON.stringify([Stack.of(handler).node.path, Stack.of(handler).resolve(handler.functionArn)]);

import { Annotations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refuse } from './range.ts';
import type { MappedSource } from './source.ts';
import { enableStream, keyUse, refuseTail, type SourceTable, wantedViewType } from './source-table.ts';
import { allow } from './statement.ts';
import { refuseReader, refuseUnused } from './table-options.ts';
import { compareWithHere } from './table-place.ts';
import { streamArnOf, turnOnStream } from './table-stream.ts';

/** Makes a table ready for an event source mapping. */
export function mapTable(source: SourceTable, subscription: IConstruct): MappedSource {
  const { arn } = source;
  const stream = mappedStream(source, subscription);
  const { isAccount } = compareWithHere(subscription, source.place);
  if (!isAccount && source.resource !== undefined) {
    // No export reaches another account, so that a change set cannot know the ARN (aws-cdk #38829).
    Annotations.of(subscription).addWarningV2(
      'millrace:stream-of-another-account',
      `the ARN of the stream comes from a stack of the account ${source.place.account}: a change set may plan to replace the mapping, which Lambda refuses. Import the table by fromTableAttributes with tableStreamArn`,
    );
  }
  return {
    ...stream,
    statements: [
      allow(['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], [stream.streamArn]),
      // Lambda's poller lists the table's streams, which takes no narrower resource and never works across accounts.
      ...(isAccount ? [allow(['dynamodb:ListStreams'], [`${arn}/stream/*`])] : []),
      ...keyUse(source),
    ],
  };
}

type MappedStream = Pick<MappedSource, 'streamArn' | 'viewType' | 'dependencies'>;

function mappedStream(source: SourceTable, subscription: IConstruct): MappedStream {
  const { resource, options, importedStreamArn } = source;
  refuseReader(source, subscription, 'event-source-mapping');
  const isKnown = importedStreamArn !== undefined || (resource !== undefined && !source.isReplica);
  if (isKnown) refuseUnused(source, subscription);
  if (importedStreamArn !== undefined) {
    return { streamArn: importedStreamArn, viewType: options.streamViewType, dependencies: [] };
  }
  const ownViewType = resource && turnOnStream(resource, subscription, options.streamViewType);
  // CloudFormation tells the stream of a table's own region only, so a replica's is asked for like an imported table's.
  if (resource !== undefined && !source.isReplica) {
    return { streamArn: streamArnOf(resource, subscription), viewType: ownViewType, dependencies: [] };
  }
  if (options.enableStream === false) {
    refuse(
      subscription,
      "enableStream must be left out or true on a mapping of a table whose stream's ARN is not known",
    );
  }
  refuseTail(source, subscription, 'lost');
  const viewType = ownViewType ?? wantedViewType(source);
  const enabled = enableStream(source, subscription, viewType);
  return { streamArn: enabled.getAttString('StreamArn'), viewType, dependencies: [enabled] };
}

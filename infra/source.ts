import type { StreamViewType } from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import type { WalkRequestInput } from '../shared/request.ts';

/** How changes travel to the handler: Lambda polls the stream itself, or Millrace's walker does. */
export type Delivery = 'event-source-mapping' | 'shard-walker';

/** Where a source is, seen from a subscription. */
export interface SourceLocation {
  /** What the source needs. */
  readonly delivery: Delivery;
  /** Why, as a sentence that a person reads in the synth output. */
  readonly reason: string;
  /** Why an event source mapping cannot read it; absent where it can. */
  readonly notMappable?: string;
  /** Tells streams apart: equal for two sources that read the same one. */
  readonly streamKey: string;
  /** Whether replication reads the stream, too. */
  readonly isReplicated: boolean;
  /** The account whose stream's resource policy has to let the handler's role in; absent where it is our own. */
  readonly streamOwner?: string | undefined;
}

/** A source made ready for an event source mapping. */
export interface MappedSource {
  readonly streamArn: string;
  readonly viewType: StreamViewType | undefined;
  /** What the handler's role needs so that Lambda may poll the stream with it. */
  readonly statements: readonly iam.PolicyStatement[];
  /** What must exist before the mapping does. */
  readonly dependencies: readonly IConstruct[];
  /** The table whose changes alone are followed, where the stream may carry others. */
  readonly onlyTable?: string;
}

/** A source made ready for the walker. */
export interface WalkedSource {
  readonly request: WalkRequestInput['source'];
  readonly viewType: StreamViewType | undefined;
  /** What the walker's role needs to read it. */
  readonly statements: readonly iam.PolicyStatement[];
  /** What it needs besides to read all its items; absent where it has none. */
  readonly scanStatements?: readonly iam.PolicyStatement[];
  /** The table whose changes alone are followed, where the stream may carry others. */
  readonly onlyTable?: string;
}

/** Something whose changes a subscription can follow. Made by {@link ChangeSource}. */
export interface Source {
  /** Whether changes come through a Kinesis stream: an event carries them as data, and may start at a time. */
  readonly isKinesis?: true;
  /** Whether it is for all tables that match a pattern, which the walker finds. */
  readonly isForTables?: true;
  /** How long the stream keeps its records, where that is known here. */
  readonly retentionHours?: number | undefined;
  /** Counts a subscription among the stream's readers. @default - as DynamoDB counts those of a table's stream */
  readonly count?: (subscription: IConstruct, handler: lambda.IFunction, delivery: Delivery) => void;
  readonly locate: (subscription: IConstruct) => SourceLocation;
  readonly map: (subscription: IConstruct) => MappedSource;
  readonly walk: (subscription: IConstruct) => WalkedSource;
}

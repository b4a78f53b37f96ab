import { createHash } from 'node:crypto';
import { CustomResource, Duration, Stack, Token } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type { Construct, IConstruct } from 'constructs';
import { refuse } from './range.ts';
import { allow } from './statement.ts';
import { TableEnabler } from './table-enabler.ts';

/** A stream that is to be on. */
export interface EnabledStreamProps {
  readonly tableArn: string;
  readonly tableName: string;
  readonly region: string;
  readonly streamViewType: dynamodb.StreamViewType;
  readonly replaceStream: string | undefined;
  readonly turnOffOnDelete: boolean;
}

const ID = 'MillraceStreamEnabler';

/**
 * Turns on the streams of tables that the stack does not own, through one function and one custom resource a table.
 *
 * There is one in a stack, for all its pipelines.
 */
export class StreamEnabler extends TableEnabler {
  private readonly streams = new Map<
    string,
    { readonly props: EnabledStreamProps; readonly resource: CustomResource }
  >();

  private constructor(scope: Construct) {
    super(scope, ID, 'stream-enabler', "Millrace: turns on the stream of a table that is not this stack's");
  }

  /** The one of the stack that a construct belongs to. */
  static of(scope: IConstruct): StreamEnabler {
    const stack = Stack.of(scope);
    const existing = stack.node.tryFindChild(ID);
    return existing instanceof StreamEnabler ? existing : new StreamEnabler(stack);
  }

  /** The custom resource of a table's stream; its `StreamArn` is known once the table and the stream are ready. */
  enable(subscription: IConstruct, props: EnabledStreamProps): CustomResource {
    const id = streamResourceId(Stack.of(this), props);
    const existing = this.streams.get(id);
    if (existing !== undefined) {
      refuseOtherwise(subscription, props, existing.props);
      return existing.resource;
    }
    this.role.addToPolicy(allow(['dynamodb:DescribeTable', 'dynamodb:UpdateTable'], [props.tableArn]));
    this.role.addToPolicy(allow(['dynamodb:DescribeStream'], [`${props.tableArn}/stream/*`]));
    const resource = new CustomResource(this, id, {
      serviceToken: this.function.functionArn,
      serviceTimeout: Duration.minutes(16),
      resourceType: 'Custom::DynamoDBStream',
      properties: {
        TableName: props.tableName,
        Region: props.region,
        StreamViewType: props.streamViewType,
        ReplaceStream: props.replaceStream,
        TurnOffOnDelete: String(props.turnOffOnDelete),
      },
    });
    this.streams.set(id, { props, resource });
    return resource;
  }
}

/** A table has one stream, and one resource for all that follow it: what they ask of it has to be the same. */
function refuseOtherwise(subscription: IConstruct, props: EnabledStreamProps, first: EnabledStreamProps): void {
  const { tableName } = props;
  if (props.streamViewType !== first.streamViewType) {
    refuse(
      subscription,
      `the stream of ${tableName} is asked for with the view types ${first.streamViewType} and ${props.streamViewType}: a table has one stream`,
    );
  }
  const options = [
    ['replaceStream.streamArn', props.replaceStream, first.replaceStream],
    ['turnOffStreamOnDelete', props.turnOffOnDelete, first.turnOffOnDelete],
  ] as const;
  for (const [name, given, asked] of options) {
    if (given === asked) continue;
    const what = (value: string | boolean | undefined) => (value === undefined ? 'left out' : String(value));
    refuse(
      subscription,
      `${name} must be ${what(asked)}, as another subscription to ${tableName} has it, got ${what(given)}`,
    );
  }
}

/** From the table alone: another table is another resource, because one cannot move to another table. */
function streamResourceId(stack: Stack, { tableName, region }: EnabledStreamProps): string {
  const names = [tableName, region];
  const isKnown = names.every((name) => !Token.isUnresolved(name));
  const text = isKnown ? names.join('.') : JSON.stringify(stack.resolve(names));
  return isKnown ? text : createHash('sha256').update(text).digest('hex').slice(0, 16);
}

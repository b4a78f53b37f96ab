import { createHash } from 'node:crypto';
import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';
import type { Precision } from '../shared/core/destination-request.ts';
import { refuse } from './range.ts';
import { allow } from './statement.ts';
import { TableEnabler } from './table-enabler.ts';

/** A table that is to publish to a Kinesis stream. */
export interface DestinationProps {
  readonly tableArn: string;
  readonly tableName: string;
  readonly region: string;
  readonly streamArn: string;
  readonly precision: Precision;
  readonly turnOffOnDelete: boolean;
}

const ID = 'MillraceDestinationEnabler';

/** What DynamoDB publishes as: made on an account's first destination. */
const LINKED_ROLE =
  'role/aws-service-role/kinesisreplication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBKinesisDataStreamsReplication';

/**
 * Lets tables that the stack does not own publish to Kinesis streams, through one function and one custom resource a
 * table.
 *
 * There is one in a stack, for all its pipelines.
 */
export class DestinationEnabler extends TableEnabler {
  private readonly made = new Map<string, { readonly props: DestinationProps; readonly resource: CustomResource }>();

  private constructor(scope: Construct) {
    super(
      scope,
      ID,
      'destination-enabler',
      "Millrace: lets a table that is not this stack's publish to a Kinesis stream",
    );
    const linked = Stack.of(this).formatArn({ service: 'iam', region: '', resource: LINKED_ROLE });
    this.role.addToPolicy(allow(['iam:CreateServiceLinkedRole'], [linked]));
  }

  /** The one of the stack that a construct belongs to. */
  static of(scope: IConstruct): DestinationEnabler {
    const stack = Stack.of(scope);
    const existing = stack.node.tryFindChild(ID);
    return existing instanceof DestinationEnabler ? existing : new DestinationEnabler(stack);
  }

  /** The custom resource of a table's publishing; it is there once the table publishes. */
  enable(subscription: IConstruct, props: DestinationProps): CustomResource {
    const id = resourceId(Stack.of(this), props);
    const existing = this.made.get(id);
    if (existing !== undefined) {
      refuseOtherwise(subscription, props, existing.props);
      return existing.resource;
    }
    const verbs = ['Describe', 'Enable', 'Update', 'Disable'];
    const actions = verbs.map((verb) => `dynamodb:${verb}KinesisStreamingDestination`);
    this.role.addToPolicy(allow(actions, [props.tableArn]));
    this.role.addToPolicy(allow(['kinesis:DescribeStream', 'kinesis:PutRecords'], [props.streamArn]));
    const resource = new CustomResource(this, id, {
      serviceToken: this.function.functionArn,
      serviceTimeout: Duration.minutes(16),
      resourceType: 'Custom::DynamoDBKinesisDestination',
      properties: {
        TableName: props.tableName,
        Region: props.region,
        StreamArn: props.streamArn,
        Precision: props.precision,
        TurnOffOnDelete: String(props.turnOffOnDelete),
      },
    });
    this.made.set(id, { props, resource });
    return resource;
  }
}

/** One resource serves all that follow a table through one stream: what they ask of it has to be the same. */
function refuseOtherwise(subscription: IConstruct, props: DestinationProps, first: DestinationProps): void {
  const options = [
    ['precision', props.precision, first.precision],
    ['turnOffDestinationOnDelete', props.turnOffOnDelete, first.turnOffOnDelete],
  ] as const;
  for (const [name, given, asked] of options) {
    if (given === asked) continue;
    refuse(
      subscription,
      `${name} must be ${asked}, as another subscription to ${props.tableName} has it, got ${given}`,
    );
  }
}

/** From the table and the stream alone. */
const resourceId = (stack: Stack, { tableName, region, streamArn }: DestinationProps): string =>
  createHash('sha256')
    .update(JSON.stringify(stack.resolve([tableName, region, streamArn])))
    .digest('hex')
    .slice(0, 16);

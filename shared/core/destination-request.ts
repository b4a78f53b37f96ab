import * as v from 'valibot';
import { MillraceError } from './errors.ts';

/** How exactly a table tells a Kinesis stream when a change happened. */
export type Precision = 'MILLISECOND' | 'MICROSECOND';

/** What a stack asks for of a table that is not its own: to publish its changes to a Kinesis stream. */
export interface DestinationRequest {
  readonly tableName: string;
  readonly region: string;
  readonly streamArn: string;
  readonly precision: Precision;
  /** Whether publishing that was turned on for this resource is turned off with it. */
  readonly turnOffOnDelete: boolean;
}

/** What CloudFormation asks of the custom resource. */
export type DestinationEvent =
  | { readonly kind: 'create'; readonly request: DestinationRequest }
  | { readonly kind: 'update' | 'delete'; readonly request: DestinationRequest; readonly physicalId: string };

const ResourceProperties = v.object({
  TableName: v.string(),
  Region: v.string(),
  StreamArn: v.string(),
  Precision: v.picklist(['MILLISECOND', 'MICROSECOND']),
  TurnOffOnDelete: v.optional(v.string()),
});
const PhysicalResourceId = v.string();

const event = v.variant('RequestType', [
  v.object({ RequestType: v.literal('Create'), ResourceProperties }),
  v.object({ RequestType: v.literal('Update'), ResourceProperties, PhysicalResourceId }),
  v.object({ RequestType: v.literal('Delete'), ResourceProperties, PhysicalResourceId }),
]);

/**
 * Reads CloudFormation's event for a table's destination.
 * @throws MillraceError `invalid-request`, naming the field.
 */
export function parseDestinationEvent(input: unknown): DestinationEvent {
  const result = v.safeParse(event, input, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    throw new MillraceError('invalid-request', `${v.getDotPath(issue) ?? 'the event'}: ${issue.message}`);
  }
  const { output } = result;
  const { TableName, Region, StreamArn, Precision, TurnOffOnDelete } = output.ResourceProperties;
  // CloudFormation turns every value of a property into text.
  const turnOffOnDelete = TurnOffOnDelete === 'true';
  const request = { tableName: TableName, region: Region, streamArn: StreamArn, precision: Precision, turnOffOnDelete };
  switch (output.RequestType) {
    case 'Create':
      return { kind: 'create', request };
    case 'Update':
      return { kind: 'update', request, physicalId: output.PhysicalResourceId };
    case 'Delete':
      return { kind: 'delete', request, physicalId: output.PhysicalResourceId };
  }
}

const MARK = '#turned-on';

/**
 * The custom resource's physical id: another table or stream is another one, which CloudFormation takes for a
 * replacement, and deletes the old one. It tells whether publishing was turned on for it.
 */
export const destinationId = ({ tableName, streamArn }: DestinationRequest, turnedOn: boolean): string =>
  `${tableName}>${streamArn}${turnedOn ? MARK : '#adopted'}`;

/** Whether an id is that of this table and stream, whoever turned publishing on. */
export const isSameDestination = (id: string, request: DestinationRequest): boolean =>
  id === destinationId(request, true) || id === destinationId(request, false);

export const wasTurnedOn = (id: string): boolean => id.endsWith(MARK);

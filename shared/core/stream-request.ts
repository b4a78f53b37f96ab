import * as v from 'valibot';
import { MillraceError } from './errors.ts';

/** What a stack asks of the stream of a table that is not its own: the properties of a custom resource. */
export interface StreamRequest {
  readonly tableName: string;
  readonly region: string;
  readonly viewType: 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';
  /** The ARN of the one stream that may be turned off for a new one, of another view type; none by default. */
  readonly replace: string | undefined;
  /** Whether a stream that was turned on for this resource is turned off with it. */
  readonly turnOffOnDelete: boolean;
}

/** What CloudFormation asks of the custom resource. */
export type StreamEvent =
  | { readonly kind: 'create'; readonly request: StreamRequest }
  | {
      readonly kind: 'update';
      readonly request: StreamRequest;
      readonly previous: StreamRequest;
      readonly physicalId: string;
    }
  | { readonly kind: 'delete'; readonly request: StreamRequest; readonly physicalId: string };

const properties = v.object({
  TableName: v.string(),
  Region: v.string(),
  StreamViewType: v.picklist(['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES']),
  ReplaceStream: v.optional(v.string()),
  TurnOffOnDelete: v.optional(v.string()),
});

const event = v.variant('RequestType', [
  v.object({ RequestType: v.literal('Create'), ResourceProperties: properties }),
  v.object({
    RequestType: v.literal('Update'),
    ResourceProperties: properties,
    OldResourceProperties: properties,
    PhysicalResourceId: v.string(),
  }),
  v.object({ RequestType: v.literal('Delete'), ResourceProperties: properties, PhysicalResourceId: v.string() }),
]);

/**
 * Reads CloudFormation's event for the stream of a table.
 * @throws MillraceError `invalid-request`, naming the field.
 */
export function parseStreamEvent(input: unknown): StreamEvent {
  const result = v.safeParse(event, input, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    throw new MillraceError('invalid-request', `${v.getDotPath(issue) ?? 'the event'}: ${issue.message}`);
  }
  const { output } = result;
  const request = requestOf(output.ResourceProperties);
  switch (output.RequestType) {
    case 'Create':
      return { kind: 'create', request };
    case 'Update':
      return {
        kind: 'update',
        request,
        previous: requestOf(output.OldResourceProperties),
        physicalId: output.PhysicalResourceId,
      };
    case 'Delete':
      return { kind: 'delete', request, physicalId: output.PhysicalResourceId };
  }
}

const requestOf = (given: v.InferOutput<typeof properties>): StreamRequest => ({
  tableName: given.TableName,
  region: given.Region,
  viewType: given.StreamViewType,
  replace: given.ReplaceStream,
  // CloudFormation turns every value of a property into text.
  turnOffOnDelete: given.TurnOffOnDelete === 'true',
});

const MARK = '#turned-on:';

/**
 * The custom resource's physical id: the table's ARN and whether its stream was turned on for it, and then which one.
 *
 * Decided at creation and never changed afterwards, because CloudFormation takes another id for a replacement and
 * deletes the old one, which would turn the new stream off.
 */
export const physicalId = (tableArn: string, turnedOnStream: string | undefined): string =>
  turnedOnStream === undefined ? `${tableArn}#adopted` : `${tableArn}${MARK}${turnedOnStream.split('/').at(-1)}`;

/** The ARN of the stream that was turned on for the resource; none for a stream that was there before. */
export function turnedOnStream(id: string): string | undefined {
  const [tableArn, label] = id.split(MARK);
  return label === undefined ? undefined : `${tableArn}/stream/${label}`;
}

import { MillraceError } from './core/errors.ts';
import {
  parseStreamEvent,
  physicalId,
  type StreamEvent,
  type StreamRequest,
  turnedOnStream,
} from './core/stream-request.ts';

/** What the custom resource does with a table's stream. */
export interface StreamSwitch {
  readonly enable: (request: StreamRequest) => Promise<{
    readonly tableArn: string;
    readonly streamArn: string;
    readonly turnedOn: boolean;
  }>;
  readonly disable: (tableName: string, streamArn: string) => Promise<void>;
}

/** What CloudFormation is answered. */
export interface StreamResource {
  readonly physicalId: string;
  readonly streamArn?: string;
}

/**
 * Creates, updates or deletes the custom resource that turns on the stream of a table of another owner.
 * @throws MillraceError `invalid-request` on an event or a change that cannot be followed.
 */
export async function applyStreamEvent(
  input: unknown,
  switchOf: (region: string) => StreamSwitch,
): Promise<StreamResource> {
  const event = parseStreamEvent(input);
  const { request } = event;
  const stream = switchOf(request.region);
  switch (event.kind) {
    case 'create': {
      const { tableArn, streamArn, turnedOn } = await stream.enable(request);
      return { physicalId: physicalId(tableArn, turnedOn ? streamArn : undefined), streamArn };
    }
    case 'update': {
      refuseOtherTable(event);
      const { streamArn } = await stream.enable(request);
      return { physicalId: event.physicalId, streamArn };
    }
    case 'delete': {
      const ours = turnedOnStream(event.physicalId);
      if (request.turnOffOnDelete && ours !== undefined) await stream.disable(request.tableName, ours);
      return { physicalId: event.physicalId };
    }
  }
}

function refuseOtherTable({ request, previous }: Extract<StreamEvent, { kind: 'update' }>): void {
  if (request.tableName === previous.tableName && request.region === previous.region) return;
  throw new MillraceError(
    'invalid-request',
    `this resource is for the table ${previous.tableName} in ${previous.region}, and cannot become one for ${request.tableName} in ${request.region}: make another`,
  );
}

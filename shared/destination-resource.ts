import {
  type DestinationRequest,
  destinationId,
  isSameDestination,
  parseDestinationEvent,
  wasTurnedOn,
} from './core/destination-request.ts';

/** What the custom resource does with a table's publishing. */
export interface DestinationSwitch {
  readonly enable: (request: DestinationRequest) => Promise<{ readonly turnedOn: boolean }>;
  readonly disable: (request: DestinationRequest) => Promise<void>;
}

/**
 * Creates, updates or deletes the custom resource that lets a table publish to a Kinesis stream; resolves with its
 * physical id.
 * @throws MillraceError `invalid-request` on an event that cannot be followed.
 */
export async function applyDestinationEvent(
  input: unknown,
  switchOf: (region: string) => DestinationSwitch,
): Promise<string> {
  const event = parseDestinationEvent(input);
  const { request } = event;
  const destination = switchOf(request.region);
  switch (event.kind) {
    case 'create': {
      const { turnedOn } = await destination.enable(request);
      return destinationId(request, turnedOn);
    }
    case 'update': {
      const { turnedOn } = await destination.enable(request);
      return isSameDestination(event.physicalId, request) ? event.physicalId : destinationId(request, turnedOn);
    }
    case 'delete':
      if (request.turnOffOnDelete && wasTurnedOn(event.physicalId)) await destination.disable(request);
      return event.physicalId;
  }
}

import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { destinationEnabler } from '../shared/aws/destination-enabler.ts';
import { systemClock } from '../shared/clock.ts';
import { customResource } from '../shared/custom-resource.ts';
import { applyDestinationEvent } from '../shared/destination-resource.ts';

const logger = new Logger({ serviceName: 'millrace-destination-enabler' });

/** The custom resource that lets a table that the stack does not own publish to a Kinesis stream. */
export const handler = customResource(
  systemClock,
  async (event, deadlineMs) => {
    const physicalId = await applyDestinationEvent(event, (region) =>
      destinationEnabler({ dynamodb: new DynamoDBClient({ region }), clock: systemClock, deadlineMs }),
    );
    return { physicalId, data: {} };
  },
  (request, outcome) => logger.info('destination resource', { request, ...outcome }),
);

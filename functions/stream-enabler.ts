import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { streamEnabler } from '../shared/aws/stream-enabler.ts';
import { systemClock } from '../shared/clock.ts';
import { customResource } from '../shared/custom-resource.ts';
import { applyStreamEvent } from '../shared/stream-resource.ts';

const logger = new Logger({ serviceName: 'millrace-stream-enabler' });

/** The custom resource that turns on the stream of a table that the stack does not own. */
export const handler = customResource(
  systemClock,
  async (event, deadlineMs) => {
    const { physicalId, streamArn } = await applyStreamEvent(event, (region) =>
      streamEnabler({
        dynamodb: new DynamoDBClient({ region }),
        streams: new DynamoDBStreamsClient({ region }),
        clock: systemClock,
        deadlineMs,
      }),
    );
    return { physicalId, data: { ...(streamArn !== undefined && { StreamArn: streamArn }) } };
  },
  (request, outcome) => logger.info('stream resource', { request, ...outcome }),
);

import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { streamEnabler } from '../shared/aws/stream-enabler.ts';
import { systemClock } from '../shared/clock.ts';
import { type CloudFormationRequest, cloudFormationAnswer, type Outcome } from '../shared/cloudformation-answer.ts';
import { applyStreamEvent, NEVER_CREATED } from '../shared/stream-resource.ts';

const logger = new Logger({ serviceName: 'millrace-stream-enabler' });
/** Kept of the function's time to answer CloudFormation with. */
const ANSWER_MS = 20_000;

type Request = CloudFormationRequest & { readonly RequestType: string; readonly PhysicalResourceId?: string };

/** The custom resource that turns on the stream of a table that the stack does not own. */
export async function handler(event: Request, lambda: { getRemainingTimeInMillis(): number }): Promise<void> {
  const deadlineMs = systemClock.nowMs() + lambda.getRemainingTimeInMillis() - ANSWER_MS;
  const outcome = await outcomeOf(event, deadlineMs);
  logger.info('stream resource', { request: event.RequestType, ...outcome });
  const answer = await fetch(event.ResponseURL, { method: 'PUT', body: cloudFormationAnswer(event, outcome) });
  if (!answer.ok) throw new Error(`CloudFormation refused the answer with ${answer.status}`);
}

async function outcomeOf(event: Request, deadlineMs: number): Promise<Outcome> {
  const previousId = event.PhysicalResourceId ?? NEVER_CREATED;
  if (event.RequestType === 'Delete' && previousId === NEVER_CREATED)
    return { ok: true, physicalId: previousId, data: {} };
  try {
    const { physicalId, streamArn } = await applyStreamEvent(event, (region) =>
      streamEnabler({
        ...{ dynamodb: new DynamoDBClient({ region }), streams: new DynamoDBStreamsClient({ region }) },
        ...{ clock: systemClock, deadlineMs },
      }),
    );
    return { ok: true, physicalId, data: streamArn === undefined ? {} : { StreamArn: streamArn } };
  } catch (error) {
    return { ok: false, physicalId: previousId, reason: error instanceof Error ? error.message : String(error) };
  }
}

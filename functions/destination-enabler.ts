import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { destinationEnabler } from '../shared/aws/destination-enabler.ts';
import { systemClock } from '../shared/clock.ts';
import { type CloudFormationRequest, cloudFormationAnswer, type Outcome } from '../shared/cloudformation-answer.ts';
import { applyDestinationEvent } from '../shared/destination-resource.ts';
import { NEVER_CREATED } from '../shared/stream-resource.ts';

const logger = new Logger({ serviceName: 'millrace-destination-enabler' });
/** Kept of the function's time to answer CloudFormation with. */
const ANSWER_MS = 20_000;

type Request = CloudFormationRequest & { readonly RequestType: string; readonly PhysicalResourceId?: string };

/** The custom resource that lets a table that the stack does not own publish to a Kinesis stream. */
export async function handler(event: Request, lambda: { getRemainingTimeInMillis(): number }): Promise<void> {
  const deadlineMs = systemClock.nowMs() + lambda.getRemainingTimeInMillis() - ANSWER_MS;
  const outcome = await outcomeOf(event, deadlineMs);
  logger.info('destination resource', { request: event.RequestType, ...outcome });
  const answer = await fetch(event.ResponseURL, { method: 'PUT', body: cloudFormationAnswer(event, outcome) });
  if (!answer.ok) throw new Error(`CloudFormation refused the answer with ${answer.status}`);
}

async function outcomeOf(event: Request, deadlineMs: number): Promise<Outcome> {
  const previousId = event.PhysicalResourceId ?? NEVER_CREATED;
  if (event.RequestType === 'Delete' && previousId === NEVER_CREATED)
    return { ok: true, physicalId: previousId, data: {} };
  try {
    const physicalId = await applyDestinationEvent(event, (region) =>
      destinationEnabler({ dynamodb: new DynamoDBClient({ region }), clock: systemClock, deadlineMs }),
    );
    return { ok: true, physicalId, data: {} };
  } catch (error) {
    return { ok: false, physicalId: previousId, reason: error instanceof Error ? error.message : String(error) };
  }
}

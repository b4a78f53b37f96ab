import type { Clock } from './core/ports.ts';

/** What CloudFormation asks of a custom resource, and where it waits: the parts that every kind of resource has. */
export interface CloudFormationRequest {
  readonly RequestType: string;
  readonly PhysicalResourceId?: string;
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
}

/** How a custom resource went. */
export type Outcome =
  | { readonly ok: true; readonly physicalId: string; readonly data: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly physicalId: string; readonly reason: string };

/** The most that CloudFormation reads of an answer is 4096 bytes; a reason is what may be long. */
const LONGEST_REASON = 1_000;

/** Kept of the function's time to answer CloudFormation with. */
const ANSWER_MS = 20_000;
/** Given to a resource that could not be created, so that its deletion touches nothing. */
const NEVER_CREATED = 'never-created';

/** What a resource is once the request was followed. */
export type Applied = Omit<Extract<Outcome, { readonly ok: true }>, 'ok'>;

/**
 * The Lambda function of a custom resource: follows CloudFormation's request until the deadline (epoch milliseconds),
 * and answers how that went. An error is an answer, too; only an answer that is refused throws.
 */
export const customResource =
  (
    clock: Clock,
    apply: (request: CloudFormationRequest, deadlineMs: number) => Promise<Applied>,
    report: (request: string, outcome: Outcome) => void,
  ) =>
  async (request: CloudFormationRequest, lambda: { getRemainingTimeInMillis(): number }): Promise<void> => {
    const deadlineMs = clock.nowMs() + lambda.getRemainingTimeInMillis() - ANSWER_MS;
    const outcome = await outcomeOf(request, () => apply(request, deadlineMs));
    report(request.RequestType, outcome);
    const answer = await fetch(request.ResponseURL, { method: 'PUT', body: answerTo(request, outcome) });
    if (!answer.ok) throw new Error(`CloudFormation refused the answer with ${answer.status}`);
  };

async function outcomeOf(request: CloudFormationRequest, apply: () => Promise<Applied>): Promise<Outcome> {
  const physicalId = request.PhysicalResourceId ?? NEVER_CREATED;
  if (request.RequestType === 'Delete' && physicalId === NEVER_CREATED) return { ok: true, physicalId, data: {} };
  try {
    return { ok: true, ...(await apply()) };
  } catch (error) {
    return { ok: false, physicalId, reason: error instanceof Error ? error.message : String(error) };
  }
}

function answerTo(request: CloudFormationRequest, outcome: Outcome): string {
  return JSON.stringify({
    StackId: request.StackId,
    RequestId: request.RequestId,
    LogicalResourceId: request.LogicalResourceId,
    PhysicalResourceId: outcome.physicalId,
    ...(outcome.ok
      ? { Status: 'SUCCESS', Data: outcome.data }
      : { Status: 'FAILED', Reason: outcome.reason.slice(0, LONGEST_REASON) }),
  });
}

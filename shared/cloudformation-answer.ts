/** Where and for what CloudFormation waits: the parts of its event that its answer repeats. */
export interface CloudFormationRequest {
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

/** What a custom resource answers CloudFormation, as text. */
export function cloudFormationAnswer(request: CloudFormationRequest, outcome: Outcome): string {
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

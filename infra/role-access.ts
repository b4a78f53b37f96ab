import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct, IDependable } from 'constructs';

/**
 * Lets a role do something, by a policy of ours; returns what must exist before that is so.
 *
 * An imported role decides for itself whether a policy may be added: one of another account, or one imported as
 * immutable, stays as its owner made it.
 */
export function allowRole(
  scope: Construct,
  id: string,
  role: iam.IRole,
  statements: readonly iam.PolicyStatement[],
): readonly IDependable[] {
  if (role instanceof iam.Role) return [new iam.Policy(scope, id, { statements: [...statements], roles: [role] })];
  return statements.flatMap((statement) => role.addToPrincipalPolicy(statement).policyDependable ?? []);
}

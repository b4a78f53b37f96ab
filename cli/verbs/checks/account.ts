import { STSClient } from '@aws-sdk/client-sts';
import { callerIdentity } from '../../../shared/aws/caller-identity.ts';
import { tableFacts, timeToLive } from '../../../shared/aws/table-facts.ts';
import { checkClock, checkStateTable, type Finding } from '../../../shared/core/operations-doctor.ts';
import type { Session } from '../session.ts';
import { attempt } from './attempt.ts';

/** Who asks, and the table that everything is in. */
export async function accountChecks(session: Session): Promise<readonly Finding[]> {
  const { clock, dynamodb } = session;
  const identity = session.isLocal
    ? [{ check: 'credentials', result: 'skipped', detail: 'a local engine takes any' } as const]
    : await attempt('credentials', 'credentials: --profile, AWS_PROFILE, or aws sso login', async () => [
        { check: 'credentials', result: 'ok', detail: await callerIdentity(new STSClient({})) },
      ]);
  if (!session.hasStateTable) {
    const remedy = 'name it with --state-table, where subscriptions are walked';
    return [...identity, { check: 'state table', result: 'skipped', detail: 'none is named', remedy }];
  }
  const table = await attempt('state table', 'dynamodb:DescribeTable and DescribeTimeToLive', async () => {
    const facts = await tableFacts(dynamodb, session.stateTable(), clock.nowMs);
    const ttl = facts && (await timeToLive(dynamodb, session.stateTable()));
    return [...checkStateTable(facts, ttl), checkClock(facts?.clockAheadMs ?? null)];
  });
  return [...identity, ...table];
}

import { dynamodbTableRegistry } from '../../shared/aws/dynamodb-table-registry.ts';
import { MillraceError } from '../../shared/core/errors.ts';
import { patternStatus, tableStatus } from '../../shared/core/pattern-status.ts';
import { tableSubscription } from '../../shared/core/table-registry.ts';
import type { RegistryRow } from '../../shared/core/table-row.ts';
import type { Session } from './session.ts';
import type { WalkedStatus } from './status-report.ts';

/** What a pattern's walks have found; nothing for a subscription that is none. */
export const registryRows = (session: Session, subscription: string): Promise<readonly RegistryRow[]> =>
  dynamodbTableRegistry({ client: session.dynamodb, tableName: session.stateTable() }).rows(subscription);

/** Fails on a pattern's subscription: its tables have positions and runs, it has none. */
export async function refusePattern(session: Session, subscription: string): Promise<void> {
  if ((await registryRows(session, subscription)).length === 0) return;
  throw new MillraceError(
    'invalid-request',
    `the subscription must be one table's, got ${subscription}, which is for all tables that match a pattern: millrace status ${subscription} lists theirs`,
  );
}

/** A subscription and, of a pattern, those of its tables. */
export async function withTables(session: Session, subscription: string): Promise<readonly string[]> {
  const tables = (await registryRows(session, subscription)).filter((row) => row.kind === 'table');
  return [subscription, ...tables.map((row) => tableSubscription(subscription, row))];
}

/** Puts the tables of each pattern behind it, in the light of what has become of them; those that are drained are left out. */
export async function withPatterns(
  session: Session,
  walked: readonly WalkedStatus[],
  statusOf: (name: string) => Promise<WalkedStatus | null>,
): Promise<readonly WalkedStatus[]> {
  const known = new Map(walked.map((one) => [one.subscription, one]));
  const isUnder = ({ subscription }: WalkedStatus, top: WalkedStatus): boolean =>
    subscription.startsWith(`${top.subscription}/`);
  const tops = walked.filter((one) => !walked.some((top) => isUnder(one, top)));
  const groups = tops.map(async (top) => {
    const rows = await registryRows(session, top.subscription);
    // Not a pattern: names that begin alike mean nothing.
    if (rows.length === 0) return [top, ...walked.filter((one) => isUnder(one, top))];
    const tables = rows.filter((row) => row.kind === 'table').filter((row) => row.state !== 'drained');
    const statuses = tables.map(async (row) => {
      const name = tableSubscription(top.subscription, row);
      return tableStatus(top, { name, row, status: known.get(name) ?? (await statusOf(name)) });
    });
    const sorted = (await Promise.all(statuses)).toSorted((a, b) => a.subscription.localeCompare(b.subscription));
    const isListed = rows.some((row) => row.kind === 'survey' && row.listedAtMs > 0);
    return [patternStatus(top, sorted, isListed), ...sorted];
  });
  return (await Promise.all(groups)).flat();
}

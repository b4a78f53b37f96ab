import { LambdaClient } from '@aws-sdk/client-lambda';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import type { Command } from 'commander';
import { type StreamMapping, streamMappings } from '../../shared/aws/stream-mappings.ts';
import { type FoundSchedule, walkSchedules } from '../../shared/aws/walk-schedules.ts';
import type { Finding } from '../../shared/core/operations-doctor.ts';
import type { RegistryRow } from '../../shared/core/table-row.ts';
import { type Loaded, loadSubscription } from '../../shared/operations.ts';
import { EXIT, type ExitCode } from '../output/exit-code.ts';
import { findingsText } from '../output/findings-text.ts';
import { accountChecks } from './checks/account.ts';
import { attempt } from './checks/attempt.ts';
import { givenUpChecks } from './checks/given-up.ts';
import { streamChecks } from './checks/stream.ts';
import { readersOf, type Surroundings, subscriptionChecks } from './checks/subscription.ts';
import { isLeftTable, tickedAs } from './checks/tables.ts';
import { isNamed, nameOf } from './mapped-status.ts';
import { registryRows } from './pattern-report.ts';
import { refuse } from './refusal.ts';
import { type CommonOptions, type Session, sessionOf, withCommonOptions } from './session.ts';
import type { Run } from './verb.ts';

export function doctorVerb(program: Command, run: Run): void {
  withCommonOptions(
    program
      .command('doctor')
      .argument('[subscription]', 'all by default')
      .description('check everything around subscriptions, and say what to do; ends with 1 where there is a problem'),
  ).action(run((subscription: string | undefined, options: CommonOptions) => doctor(sessionOf(options), subscription)));
}

/** Findings of the account, or of one subscription. */
export interface Examined {
  readonly subject: string;
  readonly findings: readonly Finding[];
}

async function doctor(session: Session, only: string | undefined): Promise<ExitCode> {
  const examined: Examined[] = [{ subject: 'account', findings: await accountChecks(session) }];
  const [surroundings, refused] = await surroundingsOf(session);
  if (refused.length > 0) examined.push({ subject: 'region', findings: refused });
  const names = [...surroundings.loaded.keys()].filter(
    (name) => (only === undefined && !isLeftTable(name, surroundings.patterns)) || name === only,
  );
  const mappings = surroundings.mappings.filter((mapping) => only === undefined || isNamed(mapping, only));
  if (only !== undefined && names.length + mappings.length === 0) return refuse(session, only, { kind: 'unknown' });
  for (const name of names) {
    const own = await subscriptionChecks(session, name, surroundings);
    const givenUp = await givenUpChecks(surroundings.schedules ?? [], name);
    examined.push({ subject: name, findings: [...own, ...givenUp] });
  }
  for (const mapping of mappings) {
    const readers = readersOf(mapping.streamArn, surroundings.loaded, surroundings.mappings);
    const stream = await streamChecks(session, mapping.streamArn, readers);
    examined.push({ subject: nameOf(mapping), findings: [mappingCheck(mapping), ...stream] });
  }
  if (session.isJson) console.log(JSON.stringify({ examined }));
  else console.log(findingsText(examined, process.stdout));
  const isWell = examined.every(({ findings }) => findings.every(({ result }) => result !== 'problem'));
  return isWell ? EXIT.ok : EXIT.findings;
}

/** What is around all subscriptions, and what may not be asked for. */
async function surroundingsOf(session: Session): Promise<readonly [Surroundings, readonly Finding[]]> {
  const loaded = new Map<string, Loaded>();
  const patterns = new Map<string, readonly RegistryRow[]>();
  let mappings: readonly StreamMapping[] = [];
  let schedules: readonly FoundSchedule[] | null = null;
  const refused: Finding[] = [];
  if (session.hasStateTable) {
    const read = await attempt('state', 'dynamodb:Scan and Query on the state table', async () => {
      for (const name of await session.subscriptions()) {
        const one = await loadSubscription(session.state(), name);
        if (one !== null) loaded.set(name, one);
        // In the order of names a pattern comes before its tables, which have no tables of their own.
        const rows = tickedAs(name, patterns) === name ? await registryRows(session, name) : [];
        if (rows.length > 0) patterns.set(name, rows);
      }
      return [];
    });
    refused.push(...read);
  }
  if (session.hasLambda) {
    const asked = await Promise.all([
      attempt('mappings', 'lambda:ListEventSourceMappings and GetFunctionConfiguration', async () => {
        mappings = await streamMappings(new LambdaClient({}));
        return [];
      }),
      attempt('schedules', 'scheduler:ListSchedules and GetSchedule', async () => {
        schedules = await walkSchedules(new SchedulerClient({}));
        return [];
      }),
    ]);
    refused.push(...asked.flat());
  }
  return [{ loaded, patterns, mappings, schedules }, refused];
}

function mappingCheck({ state, lastResult, uuid }: StreamMapping): Finding {
  const detail = `${state.toLowerCase()}${lastResult === null ? '' : `, ${lastResult}`} (${uuid})`;
  if (state !== 'Enabled') {
    const remedy =
      'enable it before the stream trims what waits, after 24 hours for that of a table, or changes are lost';
    return { check: 'mapping', result: 'problem', detail, remedy };
  }
  if (lastResult?.startsWith('PROBLEM')) {
    const remedy = "see the function's log and the role's permissions; AWS Lambda's page of the mapping tells more";
    return { check: 'mapping', result: 'problem', detail, remedy };
  }
  return { check: 'mapping', result: 'ok', detail };
}

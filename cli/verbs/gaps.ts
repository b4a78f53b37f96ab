import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { MillraceError } from '../../shared/core/errors.ts';
import { type GapStatus, gapStatuses } from '../../shared/core/operations-gaps.ts';
import { acceptGap, loadSubscription } from '../../shared/operations.ts';
import { EXIT, type ExitCode } from '../output/exit-code.ts';
import { isConfirmed } from '../output/question.ts';
import { momentText, timeText } from '../output/words.ts';
import { withTables } from './pattern-report.ts';
import { refuse } from './refusal.ts';
import { secondsOf } from './seconds.ts';
import { type CommonOptions, type Session, sessionOf, withCommonOptions } from './session.ts';
import type { Run } from './verb.ts';

interface AcceptOptions extends CommonOptions {
  readonly yes?: boolean;
  readonly by?: string;
  readonly subscription?: string;
  readonly tellHandler?: boolean;
  readonly wait: string;
}

export function gapsVerbs(program: Command, run: Run): void {
  const gaps = program.command('gaps').description('changes that may have been lost, and the shards they halt');
  withCommonOptions(
    gaps
      .command('list', { isDefault: true })
      .argument('[subscription]', 'all by default')
      .description('what, when, which shard, how large; ends with 1 while a gap halts a shard'),
  ).action(run((subscription: string | undefined, options: CommonOptions) => list(sessionOf(options), subscription)));
  withCommonOptions(
    gaps
      .command('accept')
      .argument('<id>', 'the gap, as the list names it')
      .description('let the shard that is halted at a gap go on after it')
      .option('--subscription <name>', 'whose gap it is, where several have it')
      .option('--tell-handler', 'tell the handler of the gap before anything else of the shard')
      .option('--by <name>', 'who accepts it, for the record (you, by default)')
      .option('--yes', 'do it without asking')
      .option('--wait <seconds>', 'how long to wait for a walk that still holds the shard', '60'),
  ).action(run((id: string, options: AcceptOptions) => accept(sessionOf(options), id, options)));
}

interface SubscriptionGaps {
  readonly subscription: string;
  readonly gaps: readonly GapStatus[];
}

async function gapsOf(session: Session, subscription: string): Promise<SubscriptionGaps | null> {
  const state = session.state();
  const [loaded, recorded] = await Promise.all([loadSubscription(state, subscription), state.gaps(subscription)]);
  return loaded && { subscription, gaps: gapStatuses(recorded, loaded.streams) };
}

async function list(session: Session, only: string | undefined): Promise<ExitCode> {
  const names = only === undefined ? await session.subscriptions() : await withTables(session, only);
  const found = (await Promise.all(names.map((name) => gapsOf(session, name)))).filter((one) => one !== null);
  if (only !== undefined && found.length === 0) return refuse(session, only, { kind: 'unknown' });
  if (session.isJson) console.log(JSON.stringify({ subscriptions: found }));
  else console.log(listText(only === undefined ? found : withGaps(found, only), session.clock.nowMs()));
  return found.some(({ gaps }) => gaps.some(({ status }) => status === 'halted')) ? EXIT.findings : EXIT.ok;
}

/** Of a pattern only the tables that have gaps. */
function withGaps(found: readonly SubscriptionGaps[], pattern: string): readonly SubscriptionGaps[] {
  const gapped = found.filter(({ gaps }) => gaps.length > 0);
  return gapped.length > 0 ? gapped : found.filter(({ subscription }) => subscription === pattern);
}

const listText = (found: readonly SubscriptionGaps[], nowMs: number): string =>
  found.map(({ subscription, gaps }) => gapsText(subscription, gaps, nowMs)).join('\n\n') ||
  'there are no subscriptions, so there are no gaps';

function gapsText(subscription: string, gaps: readonly GapStatus[], nowMs: number): string {
  if (gaps.length === 0) return `${subscription} has no gaps`;
  return gaps
    .map((gap) =>
      [
        `${subscription}: ${gap.id}`,
        `  ${gap.status}${gap.accepted ? `, accepted by ${gap.accepted.by} ${momentText(gap.accepted.atMs, nowMs)}` : ''}`,
        `  ${REASONS[gap.reason]}`,
        `  found ${momentText(gap.detectedAtMs, nowMs)} in ${gap.shardId}, read up to ${gap.after}`,
        `  ${extentText(gap)}`,
      ].join('\n'),
    )
    .join('\n\n');
}

const REASONS: Readonly<Record<GapStatus['reason'], string>> = {
  trimmed: 'the stream had trimmed what came next: it was not read for as long as the stream keeps it',
  'shard-vanished': 'the shard was gone before it was read to its end',
  'parent-missing': 'a shard came before it that was never listed',
  'stream-replaced': 'the stream was turned off and on, or the table made anew: writes in between are in neither',
};

function extentText({ lostAfterMs, lostBeforeMs }: GapStatus): string {
  const bounds = [
    ...(lostAfterMs === null ? [] : [`after ${timeText(lostAfterMs)}`]),
    ...(lostBeforeMs === null ? [] : [`before ${timeText(lostBeforeMs)}`]),
  ];
  return bounds.length === 0
    ? 'how much was lost is not known'
    : `may be lost: what was written ${bounds.join(' and ')}`;
}

async function accept(session: Session, id: string, options: AcceptOptions): Promise<ExitCode> {
  const waitMs = secondsOf(options.wait, '--wait') * 1_000;
  const by = byWhom(options.by);
  const named = options.subscription;
  const asked = await Promise.all(
    (named ? [named] : await session.subscriptions()).map((name) => gapsOf(session, name)),
  );
  if (named && asked[0] === null) return refuse(session, named, { kind: 'unknown' });
  const owners = ownersOf(asked, id);
  const [subscription = named ?? 'any subscription'] = owners;
  if (owners.length > 1) {
    throw new MillraceError('invalid-request', `--subscription must be one of ${owners.join(', ')}, got nothing`);
  }
  if (owners.length === 0) return refuse(session, subscription, { kind: 'not-halted' });
  const question = `Accept that the changes in this gap are never delivered, and let the shard of ${subscription} go on?`;
  if (!(await isConfirmed(question, options.yes === true))) {
    return refuse(session, subscription, { kind: 'not-confirmed' });
  }
  const ports = { state: session.state(), clock: session.clock };
  const result = await acceptGap(ports, subscription, id, { by, tellHandler: options.tellHandler === true, waitMs });
  if (result.kind !== 'done') return refuse(session, subscription, result);
  const { shardId } = result.lease;
  if (session.isJson) console.log(JSON.stringify({ subscription, result: 'done', id, shardId, by }));
  else console.log(`${shardId} of ${subscription} goes on with the next tick; accepted by ${by}`);
  return EXIT.ok;
}

/** @throws MillraceError `invalid-request` when nobody is named, as in a container that knows no users. */
function byWhom(named: string | undefined): string {
  const by = (named ?? userName()).trim();
  if (by !== '') return by;
  throw new MillraceError('invalid-request', '--by must name who accepts the gap, got nothing');
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}

/** The subscriptions that are halted at a gap: ids tell the shard, and several subscriptions may read it. */
const ownersOf = (all: readonly (SubscriptionGaps | null)[], id: string): readonly string[] =>
  all
    .filter((one) => one !== null)
    .filter(({ gaps }) => gaps.some((gap) => gap.id === id && gap.status === 'halted'))
    .map(({ subscription }) => subscription);

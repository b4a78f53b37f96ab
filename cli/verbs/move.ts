import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { type Command, Option } from 'commander';
import { iteratorAges } from '../../shared/aws/iterator-age.ts';
import { streamMappings } from '../../shared/aws/stream-mappings.ts';
import { MillraceError } from '../../shared/core/errors.ts';
import { STREAM_RETENTION_MS } from '../../shared/core/gap.ts';
import { PARKING_ENV } from '../../shared/core/parking.ts';
import { phaseOf } from '../../shared/core/subscription.ts';
import { loadSubscription, prepareStart } from '../../shared/operations.ts';
import { EXIT, type ExitCode } from '../output/exit-code.ts';
import { isConfirmed } from '../output/question.ts';
import { durationText, timeText } from '../output/words.ts';
import { refuse } from './refusal.ts';
import { type CommonOptions, type Session, sessionOf, withCommonOptions } from './session.ts';
import type { Run } from './verb.ts';

interface MoveOptions extends CommonOptions {
  readonly to: 'mapping' | 'walker';
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** CloudWatch is minutes behind, and a batch in flight is not counted: so much more comes again. */
const MARGIN_MS = 5 * 60_000;

export function moveVerb(program: Command, run: Run): void {
  withCommonOptions(
    program
      .command('move')
      .argument('<subscription>')
      .description(
        'prepare a move between mapping and walker: what repeats, which run, where to start; CDK does the rest',
      )
      .addOption(new Option('--to <path>', 'the path to move to').choices(['mapping', 'walker']).makeOptionMandatory())
      .option('--dry-run', 'say it, and prepare nothing')
      .option('--yes', 'do it without asking'),
  ).action(
    run((subscription: string, options: MoveOptions) => {
      const session = sessionOf(options);
      return options.to === 'mapping' ? toMapping(session, subscription) : toWalker(session, subscription, options);
    }),
  );
}

/** A mapping takes no position: it begins with the oldest change that the stream keeps. */
async function toMapping(session: Session, subscription: string): Promise<ExitCode> {
  const loaded = await loadSubscription(session.state(), subscription);
  if (loaded === null) return refuse(session, subscription, { kind: 'unknown' });
  const nowMs = session.clock.nowMs();
  const { run } = phaseOf(loaded.pointer);
  const newest = loaded.streams.flatMap(({ leases }) => leases.map(({ lastRecordAtMs }) => lastRecordAtMs ?? 0));
  const toMs = Math.max(0, ...newest);
  const created = loaded.streams.at(-1)?.row.stream.createdAtMs ?? 0;
  const fromMs = Math.max(nowMs - STREAM_RETENTION_MS, created);
  const again = toMs > fromMs ? { fromMs, toMs } : null;
  if (session.isJson) {
    console.log(JSON.stringify({ subscription, to: 'mapping', run, again }));
    return EXIT.ok;
  }
  console.log(
    [
      again === null
        ? 'no change that was delivered comes again'
        : `delivered again: every change since ${timeText(fromMs)} up to ${timeText(toMs)}, ${durationText(toMs - fromMs)} of them`,
      run === 0
        ? 'its changes carry no run: leave run out'
        : `its changes carry run ${run}: give the subscription run: ${run}, or newer changes have older versions`,
      "now deploy the subscription without delivery: 'shard-walker'. CloudFormation makes the mapping before it removes the",
      'schedules: for a while both deliver, so the order per item holds on first delivery only',
    ].join('\n'),
  );
  return EXIT.ok;
}

/** The walker can begin at a time: the one that the mapping has reached. */
async function toWalker(session: Session, subscription: string, options: MoveOptions): Promise<ExitCode> {
  const { clock } = session;
  const mapping = (await streamMappings(new LambdaClient({}))).find(
    ({ environment, functionName }) =>
      environment[PARKING_ENV.subscription] === subscription || functionName === subscription,
  );
  if (mapping === undefined) {
    throw new MillraceError('invalid-request', `there is no event source mapping of ${subscription} in this region`);
  }
  const nowMs = clock.nowMs();
  const ages = await iteratorAges(new CloudWatchClient({}), [mapping.functionName], nowMs);
  const lagMs = ages.get(mapping.functionName) ?? 0;
  const momentMs = Math.floor((nowMs - lagMs - MARGIN_MS) / 1_000) * 1_000;
  const plan = { subscription, to: 'walker', mapping: mapping.uuid, lagMs, startAt: timeText(momentMs) };
  if (!session.isJson) {
    console.log(
      [
        `the mapping of ${mapping.functionName} is ${durationText(lagMs)} behind: the walker begins at ${plan.startAt},`,
        'five minutes before, and what is younger comes again; it must be done right before the deployment',
      ].join('\n'),
    );
  }
  if (options.dryRun) {
    if (session.isJson) console.log(JSON.stringify({ ...plan, result: 'dry-run' }));
    return EXIT.ok;
  }
  if (!(await isConfirmed(`Let the first walk of ${subscription} begin there?`, options.yes === true))) {
    return refuse(session, subscription, { kind: 'not-confirmed' });
  }
  const ports = { state: session.state(), clock };
  const result = await prepareStart(ports, subscription, { at: 'time', momentMs });
  if (result.kind !== 'prepared' && result.kind !== 'done') return refuse(session, subscription, result);
  const isPaused = result.pointer.isPaused;
  if (session.isJson) console.log(JSON.stringify({ ...plan, result: 'done', isPaused }));
  else {
    console.log(`prepared. Now deploy the subscription with delivery: 'shard-walker'`);
    if (isPaused)
      console.log(`it was walked before and is paused: millrace resume ${subscription}, once it is deployed`);
  }
  return EXIT.ok;
}

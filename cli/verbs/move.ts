import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { type Command, Option } from 'commander';
import { iteratorAges } from '../../shared/aws/iterator-age.ts';
import { type StreamMapping, streamMappings } from '../../shared/aws/stream-mappings.ts';
import { MillraceError } from '../../shared/core/errors.ts';
import { STREAM_RETENTION_MS } from '../../shared/core/gap.ts';
import { reachedMs } from '../../shared/core/operations-reach.ts';
import { phaseOf, type Start } from '../../shared/core/subscription.ts';
import { loadSubscription, prepareStart } from '../../shared/operations.ts';
import { EXIT, type ExitCode } from '../output/exit-code.ts';
import { isConfirmed } from '../output/question.ts';
import { durationText, timeText } from '../output/words.ts';
import { isNamed } from './mapped-status.ts';
import { refuse } from './refusal.ts';
import { type CommonOptions, type Session, sessionOf, withCommonOptions } from './session.ts';
import type { Run } from './verb.ts';

interface MoveOptions extends CommonOptions {
  readonly to: 'mapping' | 'walker';
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** CloudWatch is minutes behind, and tells of the youngest change of a batch: so much more comes again. */
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
  const { arn, createdAtMs } = loaded.streams.at(-1)?.row.stream ?? { arn: '', createdAtMs: 0 };
  if (arn.startsWith('arn:') && !arn.includes(':dynamodb:')) {
    throw new MillraceError(
      'invalid-request',
      `move must be of a subscription of a DynamoDB stream, got ${arn}: a mapping of a Kinesis stream begins where its startingPosition says`,
    );
  }
  const horizonMs = nowMs - STREAM_RETENTION_MS;
  const fromMs = Math.min(Math.max(horizonMs, createdAtMs), toMs);
  const again = toMs > horizonMs ? { fromMs, toMs } : null;
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
  if (!session.hasLambda) {
    throw new MillraceError(
      'invalid-request',
      'move --to walker asks Lambda for the mapping, which no local engine has',
    );
  }
  const mapping = (await streamMappings(new LambdaClient({}))).find((one) => isNamed(one, subscription));
  if (mapping === undefined) {
    throw new MillraceError(
      'invalid-request',
      `there is no event source mapping of ${subscription} in this region that reads a stream`,
    );
  }
  const ports = { state: session.state(), clock };
  const ages = await iteratorAges(new CloudWatchClient({}), [mapping.functionName], clock.nowMs());
  const reached = reachedMs(ages.get(mapping.functionName) ?? []);
  const start = reached === null ? HORIZON : startBefore(reached - MARGIN_MS);
  const startAt = start.at === 'time' ? timeText(start.momentMs) : start.at;
  const plan = { subscription, to: 'walker', mapping: mapping.uuid, reachedMs: reached, startAt };
  if (!session.isJson) console.log(reached === null ? unknownText(mapping) : reachedText(mapping, reached, startAt));
  if (options.dryRun) {
    if (session.isJson) console.log(JSON.stringify({ ...plan, result: 'dry-run' }));
    return EXIT.ok;
  }
  if (!(await isConfirmed(`Let the first walk of ${subscription} begin there?`, options.yes === true))) {
    return refuse(session, subscription, { kind: 'not-confirmed' });
  }
  const result = await prepareStart(ports, subscription, start);
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

const HORIZON: Start = { at: 'trim-horizon' };

const startBefore = (ms: number): Start => ({ at: 'time', momentMs: Math.floor(ms / 1_000) * 1_000 });

const reachedText = ({ functionName }: StreamMapping, reached: number, startAt: string): string =>
  [
    `the mapping of ${functionName} has reached ${timeText(reached)}: the walker begins at ${startAt}, five minutes before,`,
    'and what is younger comes again; it must be done right before the deployment',
  ].join('\n');

const unknownText = ({ functionName }: StreamMapping): string =>
  [
    `CloudWatch heard nothing of the mapping of ${functionName} for an hour, so how far it is is not known: the walker begins`,
    'at trim-horizon, the oldest change that the stream keeps, and all that it keeps comes again',
  ].join('\n');

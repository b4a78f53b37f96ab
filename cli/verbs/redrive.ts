import type { Command } from 'commander';
import { lambdaClientFor, lambdaSink } from '../../shared/aws/lambda-sink.ts';
import { MillraceError } from '../../shared/core/errors.ts';
import type { Delivery } from '../../shared/core/ports.ts';
import { type RedriveResult, redriveEvent } from '../../shared/parking.ts';
import { EXIT, type ExitCode } from '../output/exit-code.ts';
import { counted } from '../output/words.ts';
import { handlerOf } from './handler-of.ts';
import { redriveBucket } from './redrive-bucket.ts';
import { type CommonOptions, type Session, sessionOf, withCommonOptions } from './session.ts';
import type { Run } from './verb.ts';

interface RedriveOptions extends CommonOptions {
  readonly function?: string;
  readonly item: readonly string[];
  readonly bucket?: string;
  readonly prefix?: string;
  readonly yes?: boolean;
}

const collected = (value: string, before: readonly string[]): readonly string[] => [...before, value];
/** A cold start, which Lambda does not count, and the network. */
const MARGIN_MS = 20_000;

export function redriveVerb(program: Command, run: Run): void {
  withCommonOptions(
    program
      .command('redrive')
      .argument('<subscription>')
      .description('handle again what is parked, or what was given up into a bucket, in order per item')
      .option('--function <name>', 'the handler (else as the mapping or the schedules of the subscription tell)')
      .option('--item <item>', 'only this item, as millrace parked lists it; may be repeated', collected, [])
      .option('--bucket <name>', 'an on-failure bucket: its batches, oldest first, each removed once it is handled')
      .option('--prefix <prefix>', 'with --bucket: what the names of the objects begin with')
      .option('--yes', 'do it without asking'),
  ).action(
    run(async (subscription: string, options: RedriveOptions) => {
      const session = sessionOf(options);
      const deliver = await handlerCall(subscription, options.function);
      if (options.bucket === undefined) return redrive(session, subscription, options.item, deliver);
      return redriveBucket(session, subscription, { ...options, bucket: options.bucket }, deliver);
    }),
  );
}

/** Calls a handler and waits for its answer. */
export type HandlerCall = (payload: string) => Promise<Delivery>;

async function handlerCall(subscription: string, named: string | undefined): Promise<HandlerCall> {
  const { functionArn, timeoutMs } = await handlerOf(subscription, named);
  const delivery = { functionArn, timeoutMs, deliveryMarginMs: MARGIN_MS };
  const sink = lambdaSink({ ...delivery, client: lambdaClientFor(delivery) });
  return (payload) => sink.deliver({ subscription, shardId: 'redrive', sequenceNumbers: [], payload });
}

/** Redrives again and again while that frees something: one invocation has its time, and no more. */
async function redrive(
  session: Session,
  subscription: string,
  items: readonly string[],
  deliver: HandlerCall,
): Promise<ExitCode> {
  const total = { redriven: 0, freed: 0, held: 0, notParked: 0, left: 0 };
  let failed: RedriveResult['failed'] = [];
  for (let isFirst = true, isMore = true; isMore; isFirst = false) {
    const result = resultOf(await deliver(JSON.stringify(redriveEvent(items))));
    total.redriven += result.redriven;
    total.freed += result.freed;
    total.held = result.held;
    total.left = result.left;
    // Later, named items are not parked because they have been freed here.
    if (isFirst) total.notParked = result.notParked ?? 0;
    failed = result.failed;
    isMore = result.left > 0 && result.redriven > 0;
  }
  if (session.isJson) console.log(JSON.stringify({ subscription, ...total, failed }));
  else {
    console.log(
      `${counted(total.redriven, 'change', 'changes')} handled, ${counted(total.freed, 'item', 'items')} free`,
    );
    for (const { item, error } of failed) console.log(`failed again: ${item}: ${error}`);
    if (total.held > 0)
      console.log(`held by another redrive, or still running: ${counted(total.held, 'item', 'items')}`);
    if (total.notParked > 0) console.log(`not parked: ${counted(total.notParked, 'item', 'items')}`);
    if (total.left > 0) console.log(`not tried: ${counted(total.left, 'item', 'items')}; redrive again`);
  }
  return failed.length + total.held + total.notParked + total.left > 0 ? EXIT.findings : EXIT.ok;
}

function resultOf(delivery: Delivery): RedriveResult {
  if (delivery.kind !== 'answered')
    throw new MillraceError('handler', `the handler did not redrive: ${delivery.message}`);
  const { response } = delivery;
  const result = typeof response === 'object' && response !== null && 'redrive' in response ? response.redrive : null;
  if (typeof result === 'object' && result !== null && 'redriven' in result) return result as RedriveResult;
  throw new MillraceError(
    'handler',
    'the handler does not park, so there is nothing to redrive: it took the event for a batch',
  );
}

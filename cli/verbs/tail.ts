import type { Command } from 'commander';
import { tailStart } from '../../shared/changes.ts';
import { changeReader } from '../../shared/core/change-reader.ts';
import { MillraceError } from '../../shared/core/errors.ts';
import { recordFilter } from '../../shared/core/filter.ts';
import { problemOf } from '../../shared/core/kinesis-record.ts';
import type { TailNotice } from '../../shared/core/tail-source.ts';
import { tail } from '../../shared/tail.ts';
import { changeText } from '../output/change-text.ts';
import { EXIT, type ExitCode } from '../output/exit-code.ts';
import { textIfFile } from './given-file.ts';
import { type CommonOptions, type Session, sessionOf, withCommonOptions } from './session.ts';
import { filterPatterns } from './tail-filter.ts';
import { type TailOf, tailOf } from './tail-of.ts';
import type { Run } from './verb.ts';

interface TailOptions extends CommonOptions {
  readonly since?: string;
  readonly filter: readonly string[];
  readonly limit?: string;
}

const collected = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function tailVerb(program: Command, run: Run): void {
  withCommonOptions(
    program
      .command('tail')
      .argument('<what>', 'a table, the ARN of a DynamoDB or Kinesis stream, or a subscription of the state table')
      .description('changes as they happen, until Ctrl-C; reads without leases, and disturbs no subscription')
      .option('--since <place>', 'a time, how long ago (10m, 2h), trim-horizon, or a file of positions')
      .option(
        '--filter <filter>',
        "kinds (insert,remove), a key (orderId=o-1), or a pattern of Lambda as JSON; several are or'ed",
        collected,
        [],
      )
      .option('--limit <changes>', 'end after so many'),
  ).action(run((what: string, options: TailOptions) => follow(sessionOf(options), what, options)));
}

async function follow(session: Session, what: string, { since, filter, limit }: TailOptions): Promise<ExitCode> {
  const start = tailStart(since && (textIfFile(since) ?? since), session.clock.nowMs(), '--since');
  const accepts = recordFilter(filterPatterns(filter));
  const most = limitOf(limit);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const followed = await tailOf(session, what);
  const ports = {
    source: followed.source,
    clock: session.clock,
    report: noticed(session, followed),
    random: Math.random,
  };
  const read = changeReader({ run: 0 });
  let told = 0;
  for await (const record of tail(ports, { start, accepts, signal: stop.signal }).records()) {
    const problem = problemOf(record);
    if (problem !== undefined) {
      console.error(problem.message);
      continue;
    }
    console.log(session.isJson ? JSON.stringify(record) : changeText(read(record), process.stdout));
    told += 1;
    if (told === most) break;
  }
  return EXIT.ok;
}

function limitOf(limit: string | undefined): number {
  if (limit === undefined) return Number.POSITIVE_INFINITY;
  if (/^[1-9]\d{0,8}$/.test(limit)) return Number(limit);
  throw new MillraceError('invalid-request', `--limit must be a whole number from 1 on, got ${JSON.stringify(limit)}`);
}

const SAY_AGAIN_MS = 60_000;

/** Says what is no change on the standard error, and the same not twice in a minute. */
function noticed({ clock }: Session, { isKinesis }: TailOf): (notice: TailNotice) => void {
  const saidAtMs = new Map<string, number>();
  return (notice) => {
    const nowMs = clock.nowMs();
    if (nowMs - (saidAtMs.get(notice.kind) ?? Number.NEGATIVE_INFINITY) < SAY_AGAIN_MS) return;
    saidAtMs.set(notice.kind, nowMs);
    console.error(noticeText(notice, isKinesis));
  };
}

function noticeText(notice: TailNotice, isKinesis: boolean): string {
  switch (notice.kind) {
    case 'throttled':
      if (isKinesis) return 'the stream has more readers than its shards allow reads: this tail waits';
      return 'this tail is the third reader of the stream, of which DynamoDB allows two: it reads what they leave, later';
    case 'source-failed':
      return `the stream does not answer (${notice.operation}: ${notice.message}); trying again`;
    case 'stream-replaced':
      return `the table has a new stream, ${notice.arn}: going on with it`;
  }
}

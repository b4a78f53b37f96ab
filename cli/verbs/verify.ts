import type { Command } from 'commander';
import { type ComparedTable, comparedTable, type TableFacts } from '../../shared/aws/compared-table.ts';
import { MillraceError } from '../../shared/core/errors.ts';
import { extentItems, verifyExtent } from '../../shared/core/verify.ts';
import { EXIT, type ExitCode } from '../output/exit-code.ts';
import { verifiedText, verifyLine } from '../output/verify-text.ts';
import { secondsOf } from './seconds.ts';
import { type CommonOptions, type Session, sessionOf, withCommonOptions } from './session.ts';
import type { Run } from './verb.ts';
import { verify } from './verify-run.ts';

interface VerifyVerbOptions extends CommonOptions {
  readonly source: string;
  readonly target: string;
  readonly sample?: string;
  readonly ignore?: readonly string[];
  readonly replica?: boolean;
  readonly readUnits?: string;
  readonly pause: string;
  readonly limit: string;
}

export function verifyVerb(program: Command, run: Run): void {
  withCommonOptions(
    program
      .command('verify')
      .description('compare two tables item by item; ends with 1 where they differ')
      .requiredOption('--source <table[@region]>', 'the table that was copied')
      .requiredOption('--target <table[@region]>', 'the table that should be the same')
      .option('--sample <items | share>', 'compare so many items, or such a share (5%), from all parts of the source')
      .option('--ignore <attributes...>', 'attributes that the sink adds: they are not compared')
      .option('--replica', 'the target is written by replicaTable: ignores its version, and the marks of deleted items')
      .option('--read-units <number>', 'read units a second that may be taken of each table; no bound by default')
      .option('--pause <seconds>', 'how long after the first look a difference is looked at again', '5')
      .option('--limit <number>', 'how many differences are shown', '20'),
  ).action(run((options: VerifyVerbOptions) => verifyTables(sessionOf(options), options)));
}

async function verifyTables(session: Session, options: VerifyVerbOptions): Promise<ExitCode> {
  const extent = verifyExtent(options.sample);
  const limit = wholeOf(options.limit, '--limit', 0);
  const pauseMs = secondsOf(options.pause, '--pause') * 1_000;
  const readUnits = options.readUnits === undefined ? undefined : wholeOf(options.readUnits, '--read-units', 1);
  const [source, target] = [options.source, options.target].map((place) => tableOf(session, place, readUnits));
  const ours = await factsOf(source!, '--source', options.source);
  const theirs = await factsOf(target!, '--target', options.target);
  if (ours.key.join() !== theirs.key.join()) {
    throw new MillraceError(
      'invalid-request',
      `--target must have the key of --source, ${ours.key.join(', ')}, got ${theirs.key.join(', ')}`,
    );
  }
  const sample = extentItems(extent, ours.itemCount);
  const expected = sample ?? ours.itemCount + theirs.itemCount;
  const line = progressLine(session);
  const verified = await verify({
    source: source!,
    target: target!,
    keyNames: ours.keyNames,
    rules: { ignored: new Set(options.ignore), isReplica: options.replica === true },
    sample,
    pauseMs,
    limit,
    clock: session.clock,
    random: Math.random,
    onProgress: (progress) => line(verifyLine(progress, expected)),
  });
  line('');
  const { source: sourceName, target: targetName } = options;
  const isEqual = verified.missing + verified.extra + verified.different === 0;
  console.log(
    session.isJson
      ? jsonText({ source: sourceName, target: targetName, isSample: sample !== null, isEqual, ...verified })
      : verifiedText(verified, { source: sourceName, target: targetName, isSample: sample !== null }, process.stdout),
  );
  return isEqual ? EXIT.ok : EXIT.findings;
}

/** A table by its name, in another region where one is said: `orders@eu-west-1`. */
function tableOf(session: Session, place: string, readUnitsPerSecond: number | undefined): ComparedTable {
  const [tableName = '', region, ...rest] = place.split('@');
  if (!/^[\w.-]{3,255}$/.test(tableName) || region === '' || rest.length > 0) {
    throw new MillraceError(
      'invalid-request',
      `a table must be a name of 3 to 255 of a-z, A-Z, 0-9, _, - and ., or name@region, got ${JSON.stringify(place)}`,
    );
  }
  const client = region === undefined ? session.dynamodb : session.clientsOf(region).dynamodb;
  return comparedTable({
    client,
    tableName,
    clock: session.clock,
    ...(readUnitsPerSecond !== undefined && { readUnitsPerSecond }),
  });
}

async function factsOf(table: ComparedTable, option: string, place: string): Promise<TableFacts> {
  const facts = await table.facts();
  if (facts !== null) return facts;
  throw new MillraceError('invalid-request', `${option} must be a table that is there, got ${JSON.stringify(place)}`);
}

function wholeOf(text: string, option: string, min: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && Number.isSafeInteger(value)) return value;
  throw new MillraceError(
    'invalid-request',
    `${option} must be a whole number from ${min}, got ${JSON.stringify(text)}`,
  );
}

/** One line on the terminal's error output, written over; nothing elsewhere. */
function progressLine({ isJson }: Session): (text: string) => void {
  if (isJson || !process.stderr.isTTY) return () => {};
  return (text) => process.stderr.write(`\r\u001b[K${text}`);
}

/** Integers beyond 2^53 are texts in it, binary is base64. */
const jsonText = (report: object): string =>
  JSON.stringify(report, (_, value: unknown) => {
    if (typeof value === 'bigint') return String(value);
    if (value instanceof Set) return [...value];
    return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
  });

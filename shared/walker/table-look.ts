import { isDeepStrictEqual } from 'node:util';
import type { FoundTable } from '../core/found-table.ts';
import type { Clock, Failed } from '../core/ports.ts';
import { judgeName, judgeTable, type TablePattern } from '../core/table-pattern.ts';
import type { TableFinder, TableRegistry } from '../core/table-ports.ts';
import {
  breakTable,
  isOver,
  meetTable,
  missTable,
  type TableRow,
  unmatchTable,
  type WantedStream,
} from '../core/table-registry.ts';
import type { Report } from '../core/walk-event.ts';
import type { Pacer } from './pacer.ts';

/** With 1, 2, 4 and 8 seconds at most between them. */
const MOST_ATTEMPTS = 5;
/** What view type a stream is turned on with where none is asked for. */
const DEFAULT_VIEW_TYPE = 'NEW_AND_OLD_IMAGES';

/** One look at one region's tables. */
export interface Survey {
  readonly subscription: string;
  readonly region: string;
  readonly pattern: TablePattern;
  readonly wanted: WantedStream;
  readonly finder: TableFinder;
  readonly registry: TableRegistry;
  readonly clock: Clock;
  readonly random: () => number;
  readonly report: Report;
  readonly signal: AbortSignal;
}

export interface Look extends Survey {
  readonly describes: Pacer;
  readonly tags: Pacer;
  /** The registry's tables of the region. */
  readonly rows: readonly TableRow[];
  /** What could not be asked, in words; the tables concerned stay as they are. */
  readonly failures: string[];
}

/** Settles what a listed name is: by the name alone, where that is enough. */
export async function lookAtName(look: Look, name: string): Promise<void> {
  const verdict = judgeName(look.pattern, name);
  if (verdict === null) return lookAtTable(look, name);
  for (const row of livesOf(look, name)) {
    await write(look, row, unmatchTable(row, `it ${verdict.why}`, look.clock.nowMs()));
  }
}

/** Describes a table and writes down what has become of it, and of the lives that its name had before. */
export async function lookAtTable(look: Look, name: string): Promise<void> {
  const described = await patiently(look, look.describes, `describe ${name}`, () => look.finder.describeTable(name));
  if (described.kind === 'failed') return;
  const tableId = described.kind === 'table' ? described.table.tableId : null;
  const nowMs = look.clock.nowMs();
  for (const row of livesOf(look, name).filter((one) => one.tableId !== tableId)) {
    const reason = tableId === null ? 'it was deleted' : 'it was deleted, and made anew';
    await write(look, row, missTable(row, reason, nowMs));
  }
  if (described.kind === 'table') await lookAtLife(look, described.table);
}

/** The rows of a name's tables that are not over. */
const livesOf = (look: Look, name: string): readonly TableRow[] =>
  look.rows.filter((row) => row.tableName === name && !isOver(row));

async function lookAtLife(look: Look, table: FoundTable): Promise<void> {
  const { pattern, finder, wanted, clock } = look;
  const known = look.rows.find(({ tableName, tableId }) => tableName === table.tableName && tableId === table.tableId);
  // A table of a pipeline's own is known by its tag: once it is let in, its tags count only where they are asked for.
  const needsTags = known === undefined || Object.keys(pattern.tags).length > 0;
  const tagged = needsTags
    ? await patiently(look, look.tags, `read the tags of ${table.tableName}`, () => finder.tagsOf(table.arn))
    : ({ kind: 'tags', tags: {} } as const);
  if (tagged.kind !== 'tags') return;
  const verdict = judgeTable(pattern, table.tableName, tagged.tags);
  const isReadable = await readable(look, known, table, verdict.matches);
  if (isReadable === null) return;
  const seen = { known: known ?? null, region: look.region, table, verdict, wanted, isReadable, nowMs: clock.nowMs() };
  const { row, isEnableDue } = meetTable(seen);
  if (row === null) return;
  const refusal = isEnableDue ? await enable(look, table.tableName) : null;
  await write(look, known ?? null, refusal === null ? row : breakTable(known ?? row, refusal, clock.nowMs()));
}

/** Whether the table's stream can be read; `null` where nobody can tell now. */
async function readable(
  look: Look,
  known: TableRow | undefined,
  { tableName, stream }: FoundTable,
  matches: boolean,
): Promise<boolean | null> {
  if (!matches || stream === null || known?.stream?.arn === stream.arn) return true;
  const answer = await patiently(look, look.describes, `describe the stream of ${tableName}`, async () => {
    const isReadable = await look.finder.isReadable(stream.arn);
    return typeof isReadable === 'boolean' ? ({ kind: 'told', isReadable } as const) : isReadable;
  });
  return answer.kind === 'failed' ? null : answer.isReadable;
}

/** Asks for a table's stream; gives why DynamoDB will not have it, where it says so. */
async function enable(look: Look, tableName: string): Promise<string | null> {
  const viewType = look.wanted.viewType ?? DEFAULT_VIEW_TYPE;
  const answer = await patiently(look, look.describes, `turn on the stream of ${tableName}`, () =>
    look.finder.enableStream(tableName, viewType),
  );
  return answer.kind === 'refused' ? `its stream cannot be turned on: ${answer.message}` : null;
}

/** Makes a paced call, and again with growing pauses while it fails by itself; the last failure is reported. */
export async function patiently<T extends { readonly kind: string }>(
  look: Look,
  pace: Pacer,
  operation: string,
  call: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    await pace.turn(look.signal);
    const answer = await call();
    if (!isFailed(answer)) return answer;
    if (attempt === MOST_ATTEMPTS || answer.reason === 'denied' || look.signal.aborted) {
      look.failures.push(`${operation}: ${answer.message}`);
      look.report({ kind: 'source-failed', operation, reason: answer.reason, message: answer.message });
      return answer;
    }
    await look.clock.sleep(look.random() * 1_000 * 2 ** (attempt - 1), look.signal);
  }
}

const isFailed = <T extends { readonly kind: string }>(answer: T): answer is T & Failed => answer.kind === 'failed';

type Writing = Pick<Survey, 'subscription' | 'registry' | 'report'>;

/** Writes a row where it is another than before, and says so where a person wants to know. */
export async function write(survey: Writing, known: TableRow | null, next: TableRow): Promise<void> {
  const { subscription, registry, report } = survey;
  if (known !== null && isDeepStrictEqual(known, next)) return;
  const row = { ...next, kind: 'table', revision: (known?.revision ?? -1) + 1 } as const;
  if (!(await registry.put(subscription, row, known?.revision ?? null))) return;
  if (known?.state === next.state && known.reason === next.reason) return;
  const { region, tableName, tableId, state, reason } = next;
  report({ kind: 'table-state', table: `${region}/${tableName}`, tableId, state, reason });
}

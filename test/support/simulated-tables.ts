import type { FoundTable } from '../../shared/core/found-table.ts';
import type { Clock, Failed, Source } from '../../shared/core/ports.ts';
import type { StreamViewType } from '../../shared/core/record.ts';
import type { TableFinder, TableRegistry } from '../../shared/core/table-ports.ts';
import type { TableRow } from '../../shared/core/table-registry.ts';
import { type RegistryRow, registryItem, registryRow } from '../../shared/core/table-row.ts';
import { simulatedRandom } from '../../shared/testing/simulated-random.ts';
import { simulatedSource } from '../../shared/testing/simulated-source.ts';
import { type SimulatedStream, simulatedStream } from '../../shared/testing/simulated-stream.ts';

/** One life of a table in memory. */
export interface SimulatedTable {
  readonly stream: SimulatedStream;
  readonly source: Source;
  readonly tableId: string;
  status: string;
  viewType: StreamViewType;
  tags: Readonly<Record<string, string>>;
  /** Whether its stream says that it can be read. */
  isReadable: boolean;
}

type Call = keyof TableFinder;

/** The tables of one region in memory, with calls that fail, and listings that lag, as they are told. */
export function simulatedTables(clock: Clock, region = 'eu-west-1') {
  const random = simulatedRandom(7);
  const tables = new Map<string, SimulatedTable>();
  const lives = new Map<string, SimulatedTable>();
  const calls: string[] = [];
  let made = 0;
  /** What the calls of one kind fail with, in turn. */
  const failures: { call: Call; about: string; failure: Failed; times: number }[] = [];
  const hidden = new Set<string>();

  const failing = (call: Call, about: string): Failed | null => {
    calls.push(`${call} ${about}`.trim());
    const found = failures.find((one) => one.call === call && about.includes(one.about) && one.times > 0);
    if (found === undefined) return null;
    found.times -= 1;
    return found.failure;
  };
  const arnOf = (name: string): string => `arn:aws:dynamodb:${region}:1:table/${name}`;
  const described = async (name: string, table: SimulatedTable): Promise<FoundTable> => {
    const current = await table.source.current();
    const stream = current.kind === 'stream' && current.open ? { ...current.stream, viewType: table.viewType } : null;
    return { tableName: name, tableId: table.tableId, arn: arnOf(name), status: table.status, stream };
  };

  const finder: TableFinder = {
    listTables: async (after) => {
      const failed = failing('listTables', after ?? '');
      if (failed) return failed;
      const names = [...tables.keys()].filter((name) => !hidden.has(name)).sort();
      const rest = after === null ? names : names.filter((name) => name > after);
      const page = rest.slice(0, 100);
      return { kind: 'page', names: page, next: rest.length > page.length ? page.at(-1)! : null };
    },
    describeTable: async (name) => {
      const table = tables.get(name);
      return (
        failing('describeTable', name) ??
        (table ? { kind: 'table', table: await described(name, table) } : { kind: 'none' })
      );
    },
    tagsOf: async (arn) => {
      const name = arn.split('/').at(-1)!;
      const table = tables.get(name);
      return failing('tagsOf', name) ?? (table ? { kind: 'tags', tags: table.tags } : { kind: 'none' });
    },
    enableStream: async (name, viewType) => {
      const failed = failing('enableStream', name);
      if (failed) return failed.reason === 'denied' ? { kind: 'refused', message: failed.message } : failed;
      const table = tables.get(name)!;
      table.viewType = viewType;
      table.isReadable = false;
      table.stream.enable();
      return { kind: 'asked' };
    },
    isReadable: async (arn) => {
      const name = /table\/([^/]+)\//.exec(arn)?.[1] ?? '';
      return failing('isReadable', name) ?? tables.get(name)?.isReadable ?? false;
    },
  };

  return {
    finder,
    /** Every call, and what it asked about. */
    calls,
    create: (
      name: string,
      given: Partial<Pick<SimulatedTable, 'tags' | 'viewType' | 'status'>> & { readonly hasStream?: boolean } = {},
    ): SimulatedTable => {
      const { hasStream = true, tags = {}, viewType = 'NEW_AND_OLD_IMAGES', status = 'ACTIVE' } = given;
      const stream = simulatedStream({ clock, random, tableName: name, region });
      if (!hasStream && stream.live()) stream.disable();
      if (hasStream && !stream.live()) stream.enable();
      made += 1;
      const table: SimulatedTable = {
        ...{ stream, source: simulatedSource({ stream, clock, random }), tableId: `life-${made}` },
        ...{ status, viewType, tags, isReadable: true },
      };
      tables.set(name, table);
      lives.set(table.tableId, table);
      return table;
    },
    drop: (name: string): void => {
      tables.get(name)?.stream.dropTable();
      tables.delete(name);
    },
    /** Leaves a table out of listings, or no longer. */
    hide: (name: string, isHidden = true): void => void (isHidden ? hidden.add(name) : hidden.delete(name)),
    fail: (call: Call, about: string, reason: Failed['reason'], times = Number.POSITIVE_INFINITY): void =>
      void failures.push({ call, about, times, failure: { kind: 'failed', reason, message: `${reason} ${about}` } }),
    heal: (): void => void failures.splice(0),
    /** What reads one life of a table, also after it was dropped. */
    sourceOf: (tableId: string): Source => lives.get(tableId)!.source,
  };
}

export interface SimulatedRegistry extends TableRegistry {
  readonly tables: () => readonly TableRow[];
  /** `name: state`, in the order of names. */
  readonly states: () => readonly string[];
}

/** A registry in memory: each write is conditional, and what is stored has been through its stored form. */
export function simulatedRegistry(): SimulatedRegistry {
  const rows = new Map<string, RegistryRow>();
  const tables = () => [...rows.values()].filter((row) => row.kind === 'table');
  return {
    rows: async () => [...rows.values()],
    put: async (subscription, next, revision) => {
      const item = registryItem(subscription, next);
      const key = item.sk?.S ?? '';
      if ((rows.get(key)?.revision ?? null) !== revision) return false;
      rows.set(key, registryRow(item));
      return true;
    },
    tables,
    states: () =>
      tables()
        .map(({ tableName, state }) => `${tableName}: ${state}`)
        .sort(),
  };
}

import type { EventRecord, RawItem } from '../../../shared/core/record.ts';
import { versionOf } from '../../../shared/core/version.ts';

/** What a function writes to, and what is in it. */
export interface ItemSink {
  /** Takes a record; says what is wrong with it, where that can be told at once. */
  readonly apply: (record: EventRecord) => string | null;
  readonly content: () => ReadonlyMap<string, number>;
}

/** The number of the write that made an item as it is; 0 for none. */
export const writeOf = (item: RawItem | undefined): number =>
  item?.version && 'N' in item.version ? Number(item.version.N) : 0;

const keyOf = ({ dynamodb }: EventRecord): string => {
  const pk = dynamodb.Keys?.pk;
  return pk && 'S' in pk ? pk.S : '';
};

const imageOf = ({ dynamodb }: EventRecord): RawItem | undefined =>
  'NewImage' in dynamodb ? dynamodb.NewImage : undefined;
const formerOf = ({ dynamodb }: EventRecord): RawItem | undefined =>
  'OldImage' in dynamodb ? dynamodb.OldImage : undefined;

/** The newest write of each item that a delete was applied over: nothing up to it may come back. */
function deletes() {
  const newest = new Map<string, number>();
  return {
    note: (key: string, write: number) => newest.set(key, Math.max(write, newest.get(key) ?? 0)),
    isResurrection: (key: string, write: number) => write <= (newest.get(key) ?? 0),
  };
}

/** Puts what comes, and deletes on REMOVE: knows nothing of versions. */
export function plainSink(): ItemSink {
  const items = new Map<string, number>();
  const deleted = deletes();
  return {
    content: () => items,
    apply: (record) => {
      const key = keyOf(record);
      if (key === '') return null;
      if (record.eventName === 'REMOVE') {
        deleted.note(key, writeOf(formerOf(record)));
        items.delete(key);
        return null;
      }
      const write = writeOf(imageOf(record));
      items.set(key, write);
      // A change that is delivered again may come before its delete, which then is delivered again, too.
      const isBack = record.eventName === 'SNAPSHOT' && deleted.isResurrection(key, write);
      return isBack ? `a snapshot brings ${key} back as of write ${write}, which was deleted` : null;
    },
  };
}

/** Keeps the greatest version of each item, remembers deletes, and sweeps what a complete run did not touch. */
export function versionedSink(): ItemSink {
  const rows = new Map<string, { readonly version: string; readonly write: number | null }>();
  const deleted = deletes();
  const firstVersions = new Map<string, string>();
  return {
    content: () => new Map([...rows].flatMap(([key, { write }]) => (write === null ? [] : [[key, write] as const]))),
    apply: (record) => {
      const version = versionOf(record, 0);
      firstVersions.set(record.eventID, firstVersions.get(record.eventID) ?? version);
      if (record.eventName === 'SNAPSHOT_COMPLETE') {
        for (const [key, row] of rows) if (row.version < version) rows.set(key, { version, write: null });
        return null;
      }
      const key = keyOf(record);
      if (key === '' || version <= (rows.get(key)?.version ?? '')) return null;
      if (record.eventName === 'REMOVE') {
        deleted.note(key, writeOf(formerOf(record)));
        rows.set(key, { version, write: null });
        return null;
      }
      const write = writeOf(imageOf(record));
      rows.set(key, { version, write });
      // Delivered again in a later run, it has a greater version than before, and so has the delete that follows it.
      if (firstVersions.get(record.eventID) !== version) return null;
      return deleted.isResurrection(key, write) ? `${key} is back as of write ${write}, which was deleted` : null;
    },
  };
}

/** Where two contents differ, in words. */
export function differences(
  name: string,
  is: ReadonlyMap<string, number>,
  should: ReadonlyMap<string, number>,
): readonly string[] {
  const keys = [...new Set([...is.keys(), ...should.keys()])];
  return keys.flatMap((key) => {
    const [found, wanted] = [is.get(key), should.get(key)];
    if (found === wanted) return [];
    return `the ${name} sink has ${found === undefined ? 'no' : `write ${found} of`} ${key} instead of ${wanted ?? 'none'}`;
  });
}

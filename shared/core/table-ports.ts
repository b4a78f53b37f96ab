import type { FoundTable } from './found-table.ts';
import type { Failed } from './ports.ts';
import type { StreamViewType } from './record.ts';
import type { RegistryRow } from './table-row.ts';

export type TablesPage =
  | {
      readonly kind: 'page';
      readonly names: readonly string[];
      /** Where the next page starts; `null` at the last. */
      readonly next: string | null;
    }
  | Failed;

export type Described =
  | { readonly kind: 'table'; readonly table: FoundTable }
  /** There is no table of this name. */
  | { readonly kind: 'none' }
  | Failed;

export type Tagged =
  | { readonly kind: 'tags'; readonly tags: Readonly<Record<string, string>> }
  | { readonly kind: 'none' }
  | Failed;

export type Enabling =
  /** DynamoDB is at it, or was before: the table is to be looked at again. */
  | { readonly kind: 'asked' }
  /** DynamoDB will not do it, and a person has to know why. */
  | { readonly kind: 'refused'; readonly message: string }
  | Failed;

/**
 * Finds the tables of one region. Each call is one call of DynamoDB's, or the pages of one answer: the lister paces and
 * repeats them. Listings lag: a name that is missing, or still there, proves nothing by itself.
 */
export interface TableFinder {
  readonly listTables: (after: string | null) => Promise<TablesPage>;
  readonly describeTable: (tableName: string) => Promise<Described>;
  readonly tagsOf: (tableArn: string) => Promise<Tagged>;
  /** Asks for a stream, and waits for nothing. */
  readonly enableStream: (tableName: string, viewType: StreamViewType) => Promise<Enabling>;
  /** Whether a stream that was just turned on can be read already. */
  readonly isReadable: (streamArn: string) => Promise<boolean | Failed>;
}

/** Keeps what a pattern has found. Writes are conditional and atomic, reads strongly consistent. */
export interface TableRegistry {
  /** @throws MillraceError `invalid-state` on a row of a newer format. */
  readonly rows: (subscription: string) => Promise<readonly RegistryRow[]>;
  /** Writes a row on the revision that was read (`null`: only if there is none); false when that changed. */
  readonly put: (subscription: string, next: RegistryRow, revision: number | null) => Promise<boolean>;
}

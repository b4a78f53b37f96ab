import type { LeaseRow } from './lease.ts';

/** The rows of a stream's shards by their ids, which know of every shard whether one of them is its child. */
export class ShardRows extends Map<string, LeaseRow> {
  readonly #parents = new Set<string>();

  constructor(rows: Iterable<LeaseRow> = []) {
    super();
    for (const row of rows) this.set(row.shardId, row);
  }

  override set(shardId: string, row: LeaseRow): this {
    for (const parent of row.parents) this.#parents.add(parent);
    return super.set(shardId, row);
  }

  /** Whether a row says that it is the shard's child, or said so before it was forgotten. */
  hasChildren(shardId: string): boolean {
    return this.#parents.has(shardId);
  }
}

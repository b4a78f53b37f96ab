import type { MappedShard } from './shard-map.ts';

/** Where a shard is drawn, in lanes from the top; a parent lies in the middle of its children's lanes. */
export interface Lane {
  readonly shard: MappedShard;
  readonly lane: number;
}

/** A lane for every shard, so that each lineage is together and no two shards of a generation meet. */
export function lanesOf(shards: readonly MappedShard[]): readonly Lane[] {
  const byId = new Map(shards.map((shard) => [shard.shardId, shard]));
  const children = childrenOf(shards);
  const lanes = new Map<string, number>();
  let next = 0;
  /** Depth first, without recursion: lineages of a stream that nobody reads are long. */
  const place = (root: MappedShard): void => {
    const path = [{ shard: root, own: (children.get(root.shardId) ?? []).filter((id) => !lanes.has(id)) }];
    const onPath = new Set([root.shardId]);
    while (path.length > 0) {
      const { shard, own } = path[path.length - 1]!;
      const child = own.find((id) => !lanes.has(id) && !onPath.has(id));
      if (child !== undefined) {
        const next = byId.get(child)!;
        path.push({ shard: next, own: (children.get(child) ?? []).filter((id) => !lanes.has(id) && !onPath.has(id)) });
        onPath.add(child);
        continue;
      }
      const placed = own.map((id) => lanes.get(id)).filter((lane) => lane !== undefined);
      lanes.set(shard.shardId, placed.length === 0 ? next++ : (Math.min(...placed) + Math.max(...placed)) / 2);
      path.pop();
    }
  };
  const isRoot = (shard: MappedShard): boolean => !shard.parents.some((parent) => byId.has(parent));
  const inOrder = shards.toSorted((a, b) => Number(isRoot(b)) - Number(isRoot(a)) || (a.shardId < b.shardId ? -1 : 1));
  for (const shard of inOrder) if (!lanes.has(shard.shardId)) place(shard);
  return shards.map((shard) => ({ shard, lane: lanes.get(shard.shardId) ?? 0 }));
}

/** Children by their parent, in the order of their ids. */
export function childrenOf(shards: readonly MappedShard[]): ReadonlyMap<string, readonly string[]> {
  const children = new Map<string, string[]>();
  for (const shard of shards.toSorted((a, b) => (a.shardId < b.shardId ? -1 : 1))) {
    for (const parent of shard.parents) {
      const known = children.get(parent);
      if (known) known.push(shard.shardId);
      else children.set(parent, [shard.shardId]);
    }
  }
  return children;
}

/** How far a function's mappings were behind in one minute: the furthest shard of those that were read then. */
export interface IteratorAge {
  /** When the minute began (epoch milliseconds). */
  readonly atMs: number;
  readonly ageMs: number;
}

/** A shard this far behind may have got no further since, though others are said to be near. */
const BEHIND_MS = 60_000;

/**
 * The moment that every shard of a function's mappings has certainly been read up to; `null` when nothing tells.
 *
 * One minute tells of the shards that were read in it: a shard whose batch is tried again may be in none of the newest. And
 * a mapping that is off says nothing, so what it said last counts from then.
 */
export function reachedMs(ages: readonly IteratorAge[]): number | null {
  const newestMs = Math.max(...ages.map(({ atMs }) => atMs));
  const moments = ages
    .filter(({ atMs, ageMs }) => atMs === newestMs || ageMs >= BEHIND_MS)
    .map(({ atMs, ageMs }) => atMs - ageMs);
  return moments.length === 0 ? null : Math.min(...moments);
}

/** Work on some records of a batch: one record, all records of an item, or all of the batch. */
export interface Unit {
  /** The place of its first record in the batch. */
  readonly index: number;
  /** Whose it is: units of one item run one after the other. `null` runs alone: after all before it, before all after. */
  readonly item: string | null;
}

/**
 * Runs units, at most `concurrency` at once, so that no item's later unit starts before its earlier one has ended.
 *
 * `run` resolves with the place of the first record that it could not settle, or `null`. Once a record has failed,
 * nothing behind it starts any more, and what is before it still runs: so the lowest failed place, which is returned,
 * parts the settled records from the rest.
 */
export async function runInOrder<U extends Unit>(
  units: readonly U[],
  concurrency: number,
  run: (unit: U) => Promise<number | null>,
): Promise<number | null> {
  let failedAt = Number.POSITIVE_INFINITY;

  async function runTogether(together: readonly U[]): Promise<void> {
    const waiting = new Map<string | null, U[]>();
    const ready: U[] = [];
    for (const unit of together) {
      const behind = waiting.get(unit.item);
      if (behind) behind.push(unit);
      else {
        waiting.set(unit.item, []);
        ready.push(unit);
      }
    }
    const work = async (): Promise<void> => {
      for (let unit = ready.shift(); unit !== undefined && unit.index < failedAt; unit = ready.shift()) {
        const failed = await run(unit);
        if (failed !== null && failed < failedAt) failedAt = failed;
        const next = waiting.get(unit.item)?.shift();
        if (next) insertByIndex(ready, next);
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, ready.length) }, work));
  }

  for (const together of betweenBarriers(units)) await runTogether(together);
  return failedAt === Number.POSITIVE_INFINITY ? null : failedAt;
}

function betweenBarriers<U extends Unit>(units: readonly U[]): readonly U[][] {
  const groups: U[][] = [[]];
  for (const unit of units) {
    if (unit.item === null) groups.push([unit], []);
    else groups.at(-1)?.push(unit);
  }
  return groups;
}

/** Keeps the oldest first, so that a failure finds as little as possible done behind it. */
function insertByIndex<U extends Unit>(ready: U[], unit: U): void {
  let low = 0;
  let high = ready.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ready[middle]!.index < unit.index) low = middle + 1;
    else high = middle;
  }
  ready.splice(low, 0, unit);
}

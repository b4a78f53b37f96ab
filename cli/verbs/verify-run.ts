import type { ComparedTable, TablePage } from '../../shared/aws/compared-table.ts';
import type { Clock } from '../../shared/core/ports.ts';
import type { RawItem } from '../../shared/core/record.ts';
import {
  type ItemDifference,
  isTombstone,
  itemDifference,
  keyOfItem,
  type VerifyRules,
} from '../../shared/core/verify.ts';

export interface VerifyOptions {
  readonly source: ComparedTable;
  readonly target: ComparedTable;
  /** The names of the key's attributes, which are those of both tables. */
  readonly keyNames: readonly string[];
  readonly rules: VerifyRules;
  /** How many items of the source are compared, from all parts of the table; `null`: all, and those of the target. */
  readonly sample: number | null;
  /** How long a difference is given to pass before it is looked at again. */
  readonly pauseMs: number;
  /** How many differences are kept to be shown. */
  readonly limit: number;
  readonly clock: Clock;
  readonly random: () => number;
  /** Told after each page, and each look again. */
  readonly onProgress: (progress: VerifyProgress) => void;
}

export interface VerifyProgress {
  /** Items of the source, and of the target that the source had not to be asked for. */
  readonly items: number;
  /** Items that differed at the first look, and wait for the second. */
  readonly doubtful: number;
  readonly differences: number;
}

export interface Verified {
  /** Items of the source that were compared. */
  readonly compared: number;
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
  /** Items that differed at the first look only: changes were on their way. */
  readonly passed: number;
  /** The first differences, as many as were asked for. */
  readonly shown: readonly ItemDifference[];
}

/** So many parts of a table are read side by side. */
const LANES = 8;

/** A sample takes so many items from one place, before it goes to another. */
const SAMPLE_PAGE = 20;
const MOST_SEGMENTS = 1_000_000;

/** So many doubtful items are kept; then they are looked at again. */
const MOST_DOUBTFUL = 10_000;

/**
 * Compares two tables. What differs is read again from both, strongly consistent, after a pause: a table is written while
 * it is compared, and a sink is a moment behind. Only what differs then, too, counts.
 */
export async function verify(options: VerifyOptions): Promise<Verified> {
  const { source, target, keyNames, rules, sample, clock } = options;
  const counts = { missing: 0, extra: 0, different: 0 };
  const shown: ItemDifference[] = [];
  let [compared, seen, passed] = [0, 0, 0];
  let doubtful: { readonly key: RawItem; readonly atMs: number }[] = [];
  let looking: Promise<void> = Promise.resolve();

  const progress = (): void =>
    options.onProgress({
      items: seen,
      doubtful: doubtful.length,
      differences: counts.missing + counts.extra + counts.different,
    });

  const lookAgain = async (): Promise<void> => {
    const taken = doubtful;
    doubtful = [];
    const lastAtMs = Math.max(...taken.slice(-1).map(({ atMs }) => atMs), 0);
    const keys = taken.map(({ key }) => key);
    if (keys.length === 0) return;
    await clock.sleep(Math.max(0, lastAtMs + options.pauseMs - clock.nowMs()));
    const [ours, theirs] = await Promise.all([source.items(keys, true), target.items(keys, true)]);
    for (const key of keys) {
      const id = JSON.stringify(key);
      const difference = itemDifference(key, ours.get(id), theirs.get(id), rules);
      if (difference === null) passed++;
      else {
        counts[difference.kind]++;
        if (shown.length < options.limit) shown.push(difference);
      }
    }
    progress();
  };
  const doubt = async (keys: readonly RawItem[]): Promise<void> => {
    const atMs = clock.nowMs();
    doubtful.push(...keys.map((key) => ({ key, atMs })));
    if (doubtful.length >= MOST_DOUBTFUL) looking = looking.then(lookAgain);
    await looking;
  };

  const compare = async (items: readonly RawItem[]): Promise<void> => {
    const keys = items.map((item) => keyOfItem(item, keyNames));
    const theirs = await target.items(keys, false);
    const differing = keys.filter(
      (key, index) => itemDifference(key, items[index], theirs.get(JSON.stringify(key)), rules) !== null,
    );
    compared += items.length;
    seen += items.length;
    await doubt(differing);
    progress();
  };
  /** What only the target has. */
  const compareBack = async (items: readonly RawItem[]): Promise<void> => {
    const keys = items.filter((item) => !isTombstone(item, rules)).map((item) => keyOfItem(item, keyNames));
    const ours = await source.items(keys, false);
    seen += items.length;
    await doubt(keys.filter((key) => !ours.has(JSON.stringify(key))));
    progress();
  };

  if (sample === null) {
    await everyPage(source, [], compare);
    await everyPage(target, rules.isReplica ? ['millraceDeleted'] : [], compareBack, true);
  } else {
    await sampled(source, sample, options.random, compare);
  }
  await looking;
  await lookAgain();
  return { compared, ...counts, passed, shown };
}

async function everyPage(
  table: ComparedTable,
  more: readonly string[],
  take: (items: readonly RawItem[]) => Promise<void>,
  isKeysOnly = false,
): Promise<void> {
  const lane = async (segment: number): Promise<void> => {
    let after: TablePage['next'] = null;
    do {
      const of = { segment, segments: LANES, after, ...(isKeysOnly && { only: more }) };
      const page: TablePage = await table.page(of);
      await take(page.items);
      after = page.next;
    } while (after !== null);
  };
  await Promise.all(Array.from({ length: LANES }, (_, segment) => lane(segment)));
}

/** Reads a few items at each of many places in a random order, and goes on behind them until there are enough. */
async function sampled(
  table: ComparedTable,
  wanted: number,
  random: () => number,
  take: (items: readonly RawItem[]) => Promise<void>,
): Promise<void> {
  // Other places at each time: the beginnings of segments are always the same.
  const segments = Math.min(MOST_SEGMENTS, Math.ceil((wanted / SAMPLE_PAGE) * (1 + random())));
  const places = shuffled(segments, random).map((segment) => ({ segment, after: null as TablePage['next'] }));
  let left = wanted;
  const lane = async (): Promise<void> => {
    for (let place = places.shift(); place !== undefined && left > 0; place = places.shift()) {
      const limit = Math.min(SAMPLE_PAGE, left);
      left -= limit;
      const page = await table.page({ ...place, segments, limit });
      left += limit - page.items.length;
      await take(page.items);
      if (page.next !== null) places.push({ segment: place.segment, after: page.next });
    }
  };
  // A lane that finds nothing left may leave while another gives places back.
  while (left > 0 && places.length > 0) await Promise.all(Array.from({ length: LANES }, lane));
}

function shuffled(count: number, random: () => number): number[] {
  const all = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [all[last], all[other]] = [all[other]!, all[last]!];
  }
  return all;
}

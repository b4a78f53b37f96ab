import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { figureOf } from './support/figure.ts';
import { cpuMs } from './support/rounds.ts';
import type { Row } from './support/row.ts';
import { HOUR, MINUTE, SECOND, shardWalks } from './support/shard-walks.ts';

/** The time is measured in so many parts. */
const PARTS = 5;
/** A shard of DynamoDB lives about four hours; a day of them stays listed. */
const LIFE_MS = 4 * HOUR;
const OPEN = [10, 100, 1_000, 1_500] as const;
const MOST = 1_500;
/** So long before a tick, the walk of the tick before has ended. */
const WALK_ENDS_WITHIN_MS = 5 * SECOND;
/** A walk's memory is looked at so often, so far apart: with shards that end, it lasts some seconds. */
const SAMPLES = 10;
const SAMPLE_MS = 500;
/** 10,000 shards are listed for 1,500 that are open. */
const LISTED_PER_OPEN = 10_000 / MOST;

/** What many shards cost a walk: one simulated hour of ticks, in which a quarter of the shards roll over. */
export async function shards(hours = 1): Promise<readonly Row[]> {
  const measured = new Map<number, readonly Part[]>();
  for (const open of OPEN) measured.set(open, await partsOf(open, hours));
  const of = (open: number, figure: (part: Part) => number) => figureOf(measured.get(open)!.map(figure));
  const beside = (open: number, figure: (part: Part) => number) =>
    figureOf(
      measured.get(MOST)!.map((part, place) => figure(part) / MOST / (figure(measured.get(open)![place]!) / open)),
    );
  const rows = OPEN.map(
    (open): Row => ({
      what: `many shards: CPU of a walk, ${open.toLocaleString('en-US')} open and ${listedOf(open).toLocaleString('en-US')} listed, simulator included`,
      unit: 'ms',
      ours: of(open, (part) => part.cpuMsPerWalk),
      comparison: null,
      ratio: null,
      target: { of: 'ours', bound: 'at-most', value: 1_000 },
    }),
  );
  const linear = (what: string, unit: string, figure: (part: Part) => number, open = 1_000): Row => ({
    what: `many shards: ${what}, 1,500 open`,
    unit,
    ours: of(MOST, figure),
    comparison: { name: `${open.toLocaleString('en-US')} open`, theirs: of(open, figure) },
    ratio: { figure: beside(open, figure), meaning: 'x as much for each shard' },
    target: { of: 'ratio', bound: 'at-most', value: 1.2 },
  });
  return [
    ...rows,
    linear('CPU of a walk', 'ms', (part) => part.cpuMsPerWalk),
    linear('CPU of a walk', 'ms', (part) => part.cpuMsPerWalk, 100),
    linear('state writes an hour', 'writes', (part) => part.stateWrites),
    linear('rows read from the state an hour', 'rows', (part) => part.rowsRead),
    {
      what: 'many shards: memory of a walk for each shard listed, 1,500 open',
      unit: 'kB',
      ours: of(MOST, (part) => part.kilobytesPerShard),
      comparison: null,
      ratio: null,
      target: { of: 'ours', bound: 'at-most', value: 10 },
    },
  ];
}

interface Part {
  readonly cpuMsPerWalk: number;
  readonly stateWrites: number;
  readonly rowsRead: number;
  readonly kilobytesPerShard: number;
}

const listedOf = (open: number): number => Math.round(open * LISTED_PER_OPEN);

/** Walks for so many hours after the day's shards are known. */
async function partsOf(open: number, hours: number): Promise<readonly Part[]> {
  const { clock, stream, counts, start, stop, isWalking, random } = shardWalks({ shards: open });
  for (let rolls = listedOf(open) - open; rolls > 0; rolls -= open) {
    await clock.advanceBy(LIFE_MS);
    for (const shard of stream.openShards().slice(0, rolls)) stream.roll(shard.shardId);
  }
  start();
  // The first walks read the lineage from its roots on. From here each minute begins between two walks.
  await clock.advanceBy(20 * MINUTE - WALK_ENDS_WITHIN_MS);
  const partMinutes = (hours * HOUR) / MINUTE / PARTS;
  const rollsAMinute = (open * MINUTE) / LIFE_MS;
  const parts: Part[] = [];
  let due = 0;
  const roll = (): void => {
    for (due += rollsAMinute; due >= 1; due--) stream.roll(random.pick(stream.openShards()).shardId);
  };
  for (let part = 0; part < PARTS; part++) {
    const before = { ...counts };
    const cpu = await cpuMs(async () => {
      for (let minute = 0; minute < partMinutes; minute++) {
        roll();
        await clock.advanceBy(MINUTE);
      }
    });
    const anHour = PARTS / hours;
    const walks = counts.walks - before.walks;
    const stateWrites = (counts.stateWrites - before.stateWrites) * anHour;
    const rowsRead = (counts.rowsRead - before.rowsRead) * anHour;
    const betweenWalks = heapBytes();
    let most = betweenWalks;
    roll();
    await clock.advanceBy(WALK_ENDS_WITHIN_MS);
    for (let sample = 0; sample < SAMPLES; sample++) {
      await clock.advanceBy(SAMPLE_MS);
      if (isWalking()) most = Math.max(most, heapBytes());
    }
    await clock.advanceBy(MINUTE - WALK_ENDS_WITHIN_MS - SAMPLES * SAMPLE_MS);
    const kilobytesPerShard = (most - betweenWalks) / listedOf(open) / 1_024;
    parts.push({ cpuMsPerWalk: cpu / walks, stateWrites, rowsRead, kilobytesPerShard });
  }
  await stop();
  return parts;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

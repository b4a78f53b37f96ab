import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { figureOf } from './support/figure.ts';
import { alternate, cpuMs, ratioOf } from './support/rounds.ts';
import type { Row } from './support/row.ts';
import { HOUR, MINUTE, SECOND, shardWalks } from './support/shard-walks.ts';

/** The time is measured in so many parts, by turns. */
const PARTS = 5;
/** A shard of DynamoDB lives about four hours; a day of them stays listed. */
const LIFE_MS = 4 * HOUR;
const MOST = 1_500;
const FEWER = [1_000, 100, 10] as const;
/** So long before a tick, the walk of the tick before has ended. */
const WALK_ENDS_WITHIN_MS = 5 * SECOND;
/** A walk's memory is looked at so often, so far apart: with shards that end, it lasts some seconds. */
const SAMPLES = 10;
const SAMPLE_MS = 500;
/** 10,000 shards are listed for 1,500 that are open. */
const LISTED_PER_OPEN = 10_000 / MOST;

interface Part {
  readonly cpuMsPerWalk: number;
  readonly cpuMsOfWorstMinute: number;
  readonly stateWrites: number;
  readonly rowsRead: number;
  readonly kilobytes: number;
}

/** What many shards cost a walk: one simulated hour of ticks, in which a quarter of the shards roll over. */
export async function shards(hours = 1): Promise<readonly Row[]> {
  const sizes = [MOST, ...FEWER];
  const streams = await Promise.all(sizes.map((open) => manyShards(open)));
  const parts = new Map(sizes.map((open) => [open, [] as Part[]]));
  const turns = streams.map(({ open, part }) => {
    const take = async (): Promise<number> => parts.get(open)!.push(await part(hours));
    return [String(open), take] as const;
  });
  await alternate(Object.fromEntries(turns), { rounds: PARTS, warmUp: 0 });
  for (const { stop } of streams) await stop();

  const of = (open: number, figure: (part: Part) => number) => parts.get(open)!.map(figure);
  const walks = sizes.toReversed().map(
    (open): Row => ({
      what: `many shards: CPU of a walk, ${sizeOf(open)}, simulator included`,
      unit: 'ms',
      ours: figureOf(of(open, (part) => part.cpuMsPerWalk)),
      comparison: null,
      ratio: null,
      target: { of: 'ours', bound: 'at-most', value: 1_000 },
    }),
  );
  const linear = (what: string, unit: string, figure: (part: Part) => number): readonly Row[] =>
    FEWER.map((open) => ({
      what: `many shards: ${what}, ${numbered(MOST)} open`,
      unit,
      ours: figureOf(of(MOST, figure)),
      comparison: { name: `${numbered(open)} open`, theirs: figureOf(of(open, figure)) },
      ratio: {
        figure: ratioOf(
          of(MOST, (part) => figure(part) / MOST),
          of(open, (part) => figure(part) / open),
        ),
        meaning: 'x as much for each shard',
      },
      target: { of: 'ratio', bound: 'at-most', value: 1.2 },
    }));
  const most = (what: string, unit: string, figure: (part: Part) => number, value: number): Row => ({
    what: `many shards: ${what}, ${sizeOf(MOST)}`,
    unit,
    ours: figureOf(of(MOST, figure)),
    comparison: null,
    ratio: null,
    target: { of: 'ours', bound: 'at-most', value },
  });
  return [
    ...walks,
    most('CPU of the worst minute', 'ms', (part) => part.cpuMsOfWorstMinute, 1_000),
    ...linear('CPU of a walk', 'ms', (part) => part.cpuMsPerWalk),
    ...linear('state writes an hour', 'writes', (part) => part.stateWrites),
    ...linear('rows read from the state an hour', 'rows', (part) => part.rowsRead),
    most('memory of a walk for each shard listed', 'kB', ({ kilobytes }) => kilobytes / listedOf(MOST), 10),
  ];
}

const listedOf = (open: number): number => Math.round(open * LISTED_PER_OPEN);
const numbered = (value: number): string => value.toLocaleString('en-US');
const sizeOf = (open: number): string => `${numbered(open)} open and ${numbered(listedOf(open))} listed`;

/** A stream with so many open shards, of which a day's are known; each part is a fifth of so many hours of walks. */
async function manyShards(open: number) {
  const { clock, stream, counts, start, stop, isWalking, random } = shardWalks({ shards: open });
  for (let rolls = listedOf(open) - open; rolls > 0; rolls -= open) {
    await clock.advanceBy(LIFE_MS);
    for (const shard of stream.openShards().slice(0, rolls)) stream.roll(shard.shardId);
  }
  start();
  // The first walks read the lineage from its roots on. From here each minute begins between two walks.
  await clock.advanceBy(20 * MINUTE - WALK_ENDS_WITHIN_MS);
  const rollsAMinute = (open * MINUTE) / LIFE_MS;
  let due = 0;
  const roll = (): void => {
    for (due += rollsAMinute; due >= 1; due--) stream.roll(random.pick(stream.openShards()).shardId);
  };

  const part = async (hours: number): Promise<Part> => {
    const before = { ...counts };
    const minutes: number[] = [];
    for (let minute = 0; minute < (hours * HOUR) / MINUTE / PARTS; minute++) {
      const cpu = await cpuMs(async () => {
        roll();
        await clock.advanceBy(MINUTE);
      });
      minutes.push(cpu);
    }
    const anHour = PARTS / hours;
    const walks = counts.walks - before.walks;
    const stateWrites = (counts.stateWrites - before.stateWrites) * anHour;
    const rowsRead = (counts.rowsRead - before.rowsRead) * anHour;
    const cpuMsPerWalk = minutes.reduce((sum, cpu) => sum + cpu, 0) / walks;
    const kilobytes = await kilobytesOfAWalk();
    return { cpuMsPerWalk, cpuMsOfWorstMinute: Math.max(...minutes), stateWrites, rowsRead, kilobytes };
  };
  const kilobytesOfAWalk = async (): Promise<number> => {
    const betweenWalks = heapBytes();
    let most = betweenWalks;
    roll();
    await clock.advanceBy(WALK_ENDS_WITHIN_MS);
    for (let sample = 0; sample < SAMPLES; sample++) {
      await clock.advanceBy(SAMPLE_MS);
      if (isWalking()) most = Math.max(most, heapBytes());
    }
    await clock.advanceBy(MINUTE - WALK_ENDS_WITHIN_MS - SAMPLES * SAMPLE_MS);
    return (most - betweenWalks) / 1_024;
  };
  return { open, part, stop };
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

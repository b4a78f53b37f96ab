import { setTimeout as sleep } from 'node:timers/promises';
import type { Sink } from '../shared/core/ports.ts';
import { figureOf } from './support/figure.ts';
import { itemOf, numberOf, type Pacing, pacedSource } from './support/paced-source.ts';
import { alternate, ratioOf, wallMs } from './support/rounds.ts';
import type { Row } from './support/row.ts';
import { drain } from './support/walking.ts';

const HANDLER_MS = 20;
const PACING: Pacing = { pages: 40, pageRecords: 1_000, readMs: 0, items: 5_000 };

/** How much ten lanes gain over one, with the order of every item checked. */
export async function lanes(): Promise<readonly Row[]> {
  const records = PACING.pages * PACING.pageRecords;
  const drained = (parallelizationFactor: number) => () =>
    wallMs(() =>
      drain({
        request: { parallelizationFactor },
        ports: { source: pacedSource(PACING), sink: orderedSink() },
        records,
      }),
    );
  const ms = await alternate({ ten: drained(10), one: drained(1) });
  return [
    {
      what: 'parallelization: 1 shard, 10 lanes, 40,000 records, 20 ms a batch of 100',
      unit: 'ms',
      ours: figureOf(ms.ten),
      comparison: { name: 'one lane', theirs: figureOf(ms.one) },
      ratio: { figure: ratioOf(ms.one, ms.ten), meaning: 'x as fast' },
      target: { of: 'ratio', bound: 'at-least', value: 7 },
    },
  ];
}

/** A handler of 20 ms, which looks after the order of each item's changes. */
function orderedSink(): Sink {
  const last = new Map<number, number>();
  return {
    deliver: async ({ sequenceNumbers }) => {
      for (const number of sequenceNumbers.map(numberOf)) {
        const item = itemOf(number, PACING);
        if ((last.get(item) ?? -1) >= number) throw new Error(`the change ${number} of item ${item} came too late`);
        last.set(item, number);
      }
      await sleep(HANDLER_MS);
      return { kind: 'answered', response: null };
    },
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Sink } from '../shared/core/ports.ts';
import { figureOf } from './support/figure.ts';
import { type Pacing, pacedPage, pacedSource } from './support/paced-source.ts';
import { alternate, ratioOf, wallMs } from './support/rounds.ts';
import type { Row } from './support/row.ts';
import { drain } from './support/walking.ts';

const HANDLER_MS = 50;
const PACING: Pacing = { pages: 60, pageRecords: 100, readMs: 50, items: 1_000 };

/** How much of the reading time a slow handler hides. */
export async function overlap(): Promise<readonly Row[]> {
  const records = PACING.pages * PACING.pageRecords;
  const sink: Sink = {
    deliver: async () => {
      await sleep(HANDLER_MS);
      return { kind: 'answered', response: null };
    },
  };
  const ms = await alternate({
    walker: () => wallMs(() => drain({ ports: { source: pacedSource(PACING), sink }, records })),
    sequential: () => wallMs(readThenHandle),
  });
  return [
    {
      what: 'slow handler: 60 batches of 50 ms, read in 50 ms each',
      unit: 'ms',
      ours: figureOf(ms.walker),
      comparison: { name: 'reading, then handling, in turn', theirs: figureOf(ms.sequential) },
      ratio: { figure: ratioOf(ms.sequential, ms.walker), meaning: 'x as fast' },
      target: { of: 'ratio', bound: 'at-least', value: 1.8 },
    },
  ];
}

async function readThenHandle(): Promise<void> {
  for (let page = 0; page < PACING.pages; page++) {
    await pacedPage(page, PACING);
    await sleep(HANDLER_MS);
  }
}

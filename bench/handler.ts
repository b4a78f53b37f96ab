import { fileURLToPath } from 'node:url';
import { figureOf } from './support/figure.ts';
import { ownProcess } from './support/own-process.ts';
import { alternate, ratioOf } from './support/rounds.ts';
import type { Row } from './support/row.ts';

const CONTENDERS = fileURLToPath(new URL('./support/handler-contenders.ts', import.meta.url));
const NAMES = ['read', 'unread', 'loop', 'powertools', 'read at once', 'loop at once'] as const;

/** What a handler's processor time for 1,000 changes is: in batches of 100, and in one. */
export async function handlerCpu(): Promise<readonly Row[]> {
  const processes = NAMES.map((name) => [name, ownProcess(CONTENDERS, name)] as const);
  const measured = Object.fromEntries(processes.map(([name, { measure }]) => [name, measure]));
  const cpu = await alternate(measured, { rounds: 9, warmUp: 3 });
  for (const [, { stop }] of processes) stop();

  const row = (what: string, ours: Contender, theirs: Contender, atLeast: number | null): Row => ({
    what: `handler CPU for 1,000 changes, ${what}`,
    unit: 'ms',
    ours: figureOf(cpu[ours]!),
    comparison: { name: THEIR_NAMES[theirs]!, theirs: figureOf(cpu[theirs]!) },
    ratio: { figure: ratioOf(cpu[theirs]!, cpu[ours]!), meaning: 'x less' },
    target: atLeast === null ? null : { of: 'ratio', bound: 'at-least', value: atLeast },
  });
  return [
    row('both images read', 'read', 'loop', 5),
    row('both images read', 'read', 'powertools', null),
    row('both images read, in one batch', 'read at once', 'loop at once', null),
    row('images not read', 'unread', 'loop', 50),
    row('images not read', 'unread', 'powertools', null),
  ];
}

type Contender = (typeof NAMES)[number];

const THEIR_NAMES: { readonly [name in Contender]?: string } = {
  loop: 'a loop of unmarshall over both images',
  'loop at once': 'the loop of unmarshall, in one batch',
  powertools: 'Powertools batch and parser',
};

import { fileURLToPath } from 'node:url';
import { figureOf } from './support/figure.ts';
import { ownProcess } from './support/own-process.ts';
import { alternate, ratioOf } from './support/rounds.ts';
import type { Row } from './support/row.ts';

const CONTENDERS = fileURLToPath(new URL('./support/handler-contenders.ts', import.meta.url));

/** What a handler's processor time for an event of 1,000 changes is. */
export async function handlerCpu(): Promise<readonly Row[]> {
  const contenders = {
    read: ownProcess(CONTENDERS, 'read'),
    unread: ownProcess(CONTENDERS, 'unread'),
    loop: ownProcess(CONTENDERS, 'loop'),
    powertools: ownProcess(CONTENDERS, 'powertools'),
  };
  const { read: reads, unread: leaves, loop: loops, powertools } = contenders;
  const measured = {
    ...{ read: reads.measure, unread: leaves.measure },
    ...{ loop: loops.measure, powertools: powertools.measure },
  };
  const cpu = await alternate(measured, { rounds: 9, warmUp: 3 });
  for (const { stop } of Object.values(contenders)) stop();
  const read = { what: 'handler CPU for 1,000 changes, both images read', unit: 'ms', ours: figureOf(cpu.read) };
  const unread = { what: 'handler CPU for 1,000 changes, images not read', unit: 'ms', ours: figureOf(cpu.unread) };
  const loop = { name: 'a loop of unmarshall over both images', theirs: figureOf(cpu.loop) };
  const tools = { name: 'Powertools batch and parser', theirs: figureOf(cpu.powertools) };
  const less = (some: readonly number[], others: readonly number[]) => ({
    figure: ratioOf(some, others),
    meaning: 'x less',
  });
  return [
    {
      ...read,
      comparison: loop,
      ratio: less(cpu.loop, cpu.read),
      target: { of: 'ratio', bound: 'at-least', value: 5 },
    },
    { ...read, comparison: tools, ratio: less(cpu.powertools, cpu.read), target: null },
    {
      ...unread,
      comparison: loop,
      ratio: less(cpu.loop, cpu.unread),
      target: { of: 'ratio', bound: 'at-least', value: 50 },
    },
    { ...unread, comparison: tools, ratio: less(cpu.powertools, cpu.unread), target: null },
  ];
}

import type { Process } from './process.ts';
import type { Sabotage } from './simulation.ts';
import type { World } from './world.ts';

/** What goes wrong with one call. */
export type Mishap =
  | 'fails before it takes place'
  | 'fails after it took place'
  | 'fails, and takes place ten seconds later'
  | 'crashes its walk before it takes place'
  | 'crashes its walk after it took place'
  | 'freezes its walk for a minute';

/** Lets one call of all that the walks of a simulation make go wrong: the `target`-th, counted from 0. */
export interface SingleFault {
  readonly sabotage: Sabotage;
  /** The names of the calls that were made, in order. */
  readonly calls: readonly string[];
}

type Call = (...args: readonly never[]) => Promise<unknown>;

export function singleFault(target: number, mishap: Mishap): SingleFault {
  const calls: string[] = [];
  const wrapped = <Port extends object>(name: string, port: Port, process: Process, world: World): Port => {
    const entries = Object.entries(port).map(([method, value]) => {
      if (typeof value !== 'function') return [method, value];
      const call = value as Call;
      return [
        method,
        (...args: readonly never[]) => {
          calls.push(`${name}.${method}`);
          if (calls.length - 1 !== target) return call(...args);
          world.trace(() => `${process.name}: the ${name}.${method} that follows ${mishap}`);
          return goWrong(mishap, () => call(...args), process, world);
        },
      ];
    });
    return Object.fromEntries(entries) as Port;
  };
  return {
    calls,
    sabotage: (ports, process, world) => ({
      ...ports,
      state: wrapped('state', ports.state, process, world),
      source: wrapped('source', ports.source, process, world),
      sink: wrapped('sink', ports.sink, process, world),
    }),
  };
}

async function goWrong(mishap: Mishap, call: () => Promise<unknown>, process: Process, world: World): Promise<unknown> {
  const failure = new Error('simulated failure of one call');
  const never = new Promise<never>(() => undefined);
  switch (mishap) {
    case 'fails before it takes place':
      throw failure;
    case 'fails after it took place':
      await call();
      throw failure;
    case 'fails, and takes place ten seconds later':
      world.clock.after(10_000, () => void call().catch(() => undefined));
      throw failure;
    case 'crashes its walk before it takes place':
      process.crash();
      return never;
    case 'crashes its walk after it took place':
      void call();
      process.crash();
      return never;
    case 'freezes its walk for a minute':
      process.freeze(60_000);
      return call();
  }
}

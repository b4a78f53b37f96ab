import { parseArgs } from 'node:util';
import { MillraceError } from '../shared/core/errors.ts';
import { walk } from '../shared/walker.ts';
import { bootstrapSabotageOf } from '../test/support/bootstrap-simulation/sabotage.ts';
import { simulateBootstrap } from '../test/support/bootstrap-simulation/simulation.ts';
import { soakBootstraps } from '../test/support/bootstrap-simulation/soak.ts';
import { type Figures, figuresLine, NO_FIGURES, plus } from '../test/support/simulation/figures.ts';
import { sabotageOf } from '../test/support/simulation/sabotage.ts';
import { simulate } from '../test/support/simulation/simulation.ts';
import { type SoakOptions, soak } from '../test/support/simulation/soak.ts';
import { elapsed } from '../test/support/simulation/trace.ts';

const USAGE = `Runs the real walker against simulated streams, states and functions in which everything fails.

  npm run simulate                          2,000 seeds, on all cores
  npm run simulate -- --seeds 100000        as many as you like; Ctrl-C ends it early
  npm run simulate -- --seeds 500 --first 7 from another seed on
  npm run simulate -- --seed 7              one seed, with a trace of all that happens in it
  npm run simulate -- --without parents     with one protection of the walker turned off: this must fail
  npm run simulate -- --bootstrap           bootstraps: scans in slices, and changes between them; goes with all others`;

const INTERRUPTED = 130;
/** More are counted, but not shown. */
const SHOWN = 20;

function readOptions(args: readonly string[]) {
  try {
    const options = {
      seed: { type: 'string' },
      seeds: { type: 'string' },
      first: { type: 'string' },
      without: { type: 'string' },
      bootstrap: { type: 'boolean' },
      help: { type: 'boolean' },
    } as const;
    const { values } = parseArgs({ args: [...args], options });
    if (values.seed !== undefined && (values.seeds ?? values.first) !== undefined) {
      throw new Error('--seed runs one seed, and goes with neither --seeds nor --first');
    }
    return {
      seed: values.seed === undefined ? null : whole('--seed', values.seed, 0),
      seeds: whole('--seeds', values.seeds ?? '2000', 1),
      first: whole('--first', values.first ?? '1', 0),
      without: values.without,
      bootstrap: values.bootstrap ?? false,
      help: values.help ?? false,
    };
  } catch (error) {
    throw new MillraceError('invalid-request', `${(error as Error).message.split('\n')[0]} (--help shows how)`);
  }
}

function whole(name: string, text: string, min: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= 1e12) return value;
  throw new Error(`${name} must be a whole number from ${min} to 1000000000000, got ${JSON.stringify(text)}`);
}

/** One seed, with its trace on the standard output. */
async function replay(seed: number, bootstrap: boolean, without?: string): Promise<Figures> {
  const trace: string[] = [];
  const result = bootstrap
    ? await simulateBootstrap(seed, { walk, trace, ...(without && { sabotage: bootstrapSabotageOf(without) }) })
    : await simulate(seed, { walk, trace, ...(without && { sabotage: sabotageOf(without) }) });
  const figures = plus(NO_FIGURES, result);
  for (const line of trace) console.log(line);
  return figures;
}

async function runMany(soaked: Omit<SoakOptions, 'onProgress'>, bootstrap: boolean): Promise<Figures> {
  const { seeds, without } = soaked;
  const startedAtMs = Date.now();
  const show = (figures: Figures) => {
    const leftMs = ((Date.now() - startedAtMs) / figures.seeds) * (seeds - figures.seeds);
    process.stderr.write(`\r\u001b[K${figuresLine(figures)}; ${elapsed(Math.round(leftMs)).split('.')[0]} left`);
  };
  const options = { ...soaked, ...(process.stderr.isTTY && { onProgress: show }) };
  const figures = bootstrap ? await soakBootstraps(options) : await soak(options);
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  const kind = `${bootstrap ? ' --bootstrap' : ''}${without ? ` --without ${without}` : ''}`;
  for (const { seed, violation } of figures.broken.slice(0, SHOWN)) {
    console.log(
      `seed ${seed}: ${violation.invariant}: ${violation.message}\n  npm run simulate -- --seed ${seed}${kind}`,
    );
  }
  return figures;
}

const stop = new AbortController();
process.stdout.on('error', () => process.exit(0));
try {
  const { seed, seeds, first, without, bootstrap, help } = readOptions(process.argv.slice(2));
  if (help) console.log(USAGE);
  else {
    if (seed === null) for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
    if (without !== undefined) bootstrap ? bootstrapSabotageOf(without) : sabotageOf(without);
    const lacking = without === undefined ? {} : { without };
    const figures =
      seed === null
        ? await runMany({ first, seeds, stop: stop.signal, ...lacking }, bootstrap)
        : await replay(seed, bootstrap, without);
    console.log(figuresLine(figures));
    process.exitCode = figures.violations > 0 ? 1 : stop.signal.aborted ? INTERRUPTED : 0;
  }
} catch (error) {
  console.error(error instanceof MillraceError ? `error: ${error.message}` : error);
  process.exitCode = 1;
}

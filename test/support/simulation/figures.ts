import type { Violation } from './ledger.ts';
import type { SimulationResult } from './simulation.ts';

/** What many seeds came to. */
export interface Figures {
  readonly seeds: number;
  readonly walks: number;
  readonly records: number;
  readonly faults: number;
  readonly violations: number;
  /** The first violation of each seed that had one, by seed. */
  readonly broken: readonly { readonly seed: number; readonly violation: Violation }[];
}

export const NO_FIGURES: Figures = { seeds: 0, walks: 0, records: 0, faults: 0, violations: 0, broken: [] };

/** The figures with one more seed, or with those of more seeds. */
export function plus(figures: Figures, more: SimulationResult | Figures): Figures {
  const first = 'seed' in more ? more.violations[0] : undefined;
  const broken = 'seed' in more ? (first ? [{ seed: more.seed, violation: first }] : []) : more.broken;
  return {
    seeds: figures.seeds + ('seed' in more ? 1 : more.seeds),
    walks: figures.walks + more.walks,
    records: figures.records + more.records,
    faults: figures.faults + more.faults,
    violations: figures.violations + ('seed' in more ? more.violations.length : more.violations),
    broken: [...figures.broken, ...broken],
  };
}

/** `2,000 seeds, 15,238 walks, 427,226 records, 88,012 faults, no violations` */
export function figuresLine({ seeds, walks, records, faults, violations }: Figures): string {
  const count = (value: number, noun: string) => `${value.toLocaleString('en')} ${noun}${value === 1 ? '' : 's'}`;
  const kept = violations === 0 ? 'no violations' : count(violations, 'violation');
  return [count(seeds, 'seed'), count(walks, 'walk'), count(records, 'record'), count(faults, 'fault'), kept].join(
    ', ',
  );
}

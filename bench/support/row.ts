import type { Figure } from './figure.ts';

/** What a measurement is to come to. */
export interface Target {
  /** Which of the row's figures: the ratio, or this project's own. */
  readonly of: 'ratio' | 'ours';
  readonly bound: 'at-least' | 'at-most';
  readonly value: number;
}

/** One line of the table. */
export interface Row {
  readonly what: string;
  /** The unit of both figures; the ratio has none. */
  readonly unit: string;
  readonly ours: Figure;
  /** What it is compared with, measured in the same run on the same input; or a published figure. */
  readonly comparison: { readonly name: string; readonly theirs: Figure } | null;
  /** What the ratio says, such as `x its cost`. */
  readonly ratio: { readonly figure: Figure; readonly meaning: string } | null;
  readonly target: Target | null;
}

/** A benchmark by name. */
export interface Benchmark {
  readonly name: string;
  /** What it measures, in a line. */
  readonly title: string;
  readonly run: (how: { readonly isLong: boolean }) => Promise<readonly Row[]>;
}

/** Whether a row comes to what it should; `null` where nothing is asked of it. */
export function isReached({ target, ratio, ours }: Row): boolean | null {
  const figure = target?.of === 'ratio' ? ratio?.figure : ours;
  if (target === null || figure === undefined) return null;
  return target.bound === 'at-least' ? figure.median >= target.value : figure.median <= target.value;
}

/** A figure that was published, not measured. */
export const published = (value: number): Figure => ({ median: value, noise: 0 });

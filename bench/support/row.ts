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
export function isReached(row: Row): boolean | null {
  const { target } = row;
  const figure = aimed(row);
  if (target === null || figure === null) return null;
  return target.bound === 'at-least' ? figure.median >= target.value : figure.median <= target.value;
}

/** Whether the next run may say otherwise: the target lies within the noise. */
export function isUnsure(row: Row): boolean {
  const figure = aimed(row);
  return figure !== null && Math.abs(figure.median - row.target!.value) < figure.noise * Math.abs(figure.median);
}

function aimed({ target, ratio, ours }: Row): Figure | null {
  if (target === null) return null;
  return target.of === 'ratio' ? (ratio?.figure ?? null) : ours;
}

/** A figure that was published, not measured. */
export const published = (value: number): Figure => ({ median: value, noise: 0 });

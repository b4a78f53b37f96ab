/** Several measurements of one thing. */
export interface Figure {
  readonly median: number;
  /** Half the distance between the quartiles, as a part of the median: half of all measurements are nearer than about that. */
  readonly noise: number;
}

/** The median of some measurements, and how far they are apart. */
export function figureOf(values: readonly number[]): Figure {
  const median = quantile(values, 0.5);
  const spread = quantile(values, 0.75) - quantile(values, 0.25);
  return { median, noise: median === 0 ? 0 : spread / 2 / Math.abs(median) };
}

/** The value that a part of the others lies below; between two of them, in proportion. */
export function quantile(values: readonly number[], part: number): number {
  if (values.length === 0) throw new Error('a quantile must be of at least one value, got none');
  const sorted = values.toSorted((a, b) => a - b);
  const place = part * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  return below + (sorted[Math.ceil(place)]! - below) * (place - Math.floor(place));
}

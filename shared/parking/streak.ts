/** The different items that failed one after the other, without a success in between. */
export interface Streak {
  readonly succeeded: () => void;
  readonly failed: (item: string) => void;
  readonly length: () => number;
  readonly isLongerThan: (stopAfter: number) => boolean;
}

export function newStreak(): Streak {
  const items = new Set<string>();
  return {
    succeeded: () => items.clear(),
    failed: (item) => items.add(item),
    length: () => items.size,
    isLongerThan: (stopAfter) => items.size > stopAfter,
  };
}

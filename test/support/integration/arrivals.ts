import type { ChangeEvent } from '../../../shared/core/record.ts';
import { type ChangeHandler, changeHandler } from '../../../shared/handler.ts';
import { writtenBy } from './item-writes.ts';

/** What arrived, in order and in words: `item-3: 7` for the change of round 7, `gap trimmed` for a gap. */
export interface Arrivals {
  readonly all: readonly string[];
  readonly handler: (event: ChangeEvent) => ReturnType<ChangeHandler>;
}

/** A handler with all functions, which writes down the changes that `writeItems` made, and gaps. */
export function arrivals(): Arrivals {
  const all: string[] = [];
  const change = ({ raw }: { readonly raw: Parameters<typeof writtenBy>[0] }): void => {
    const { item, round } = writtenBy(raw);
    all.push(`${item}: ${round}`);
  };
  const handle = changeHandler<Record<string, unknown>>({
    insert: change,
    modify: change,
    remove: change,
    gap: ({ gap }) => void all.push(`gap ${gap.reason}`),
  });
  return { all, handler: (event) => handle(event) };
}

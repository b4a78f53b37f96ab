import type { Lister, Slot } from '../core/subscription.ts';
import type { TableRow } from '../core/table-registry.ts';
import type { RegistryRow } from '../core/table-row.ts';
import { presentWorkers } from '../core/walk-plan.ts';
import type { TablesRequest } from '../request.ts';
import type { HeldSlot } from './slot-holder.ts';
import type { TablesPorts } from './tables-context.ts';

/** What a walk of a pattern's tables knows when it looks. */
export interface TablesView {
  readonly isPaused: boolean;
  /** Whether the slot is still this walk's. */
  readonly isHeld: boolean;
  readonly lister: Lister | null;
  /** The workers whose walks run now. */
  readonly workers: readonly number[];
  readonly rows: readonly RegistryRow[];
}

/** Looks at the pattern, the other workers and the registry, and renews the slot. */
export async function viewOf(
  request: TablesRequest,
  { state, registry, clock }: TablesPorts,
  slot: HeldSlot,
): Promise<TablesView> {
  const [control, rows] = await Promise.all([state.control(request.subscription), registry.rows(request.subscription)]);
  const slots = control.filter((row): row is Slot => row.kind === 'slot');
  return {
    isHeld: await slot.renew(),
    isPaused: control.some((row) => row.kind === 'pointer' && row.isPaused),
    lister: control.find((row): row is Lister => row.kind === 'lister') ?? null,
    workers: presentWorkers(slots, clock.nowMs()),
    rows,
  };
}

/** Whether tables could be looked for. */
export const isFound = (rows: readonly RegistryRow[]): boolean =>
  rows.some((row) => row.kind === 'survey' && row.failure === null);

/** How many tables are in which state. */
export function countOf(tables: readonly TableRow[]) {
  const count = (state: TableRow['state']): number => tables.filter((row) => row.state === state).length;
  return { active: count('active'), waiting: count('waiting'), broken: count('broken') };
}

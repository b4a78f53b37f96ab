import type { TableFinder, TableRegistry } from '../core/table-ports.ts';
import type { TableRow } from '../core/table-registry.ts';
import type { Report } from '../core/walk-event.ts';
import type { WalkRequest } from '../request.ts';
import type { WalkPorts } from './context.ts';

/** Everything outside that a walk of all tables of a pattern touches. */
export interface TablesPorts extends Pick<WalkPorts, 'state' | 'clock' | 'report' | 'random' | 'newId'> {
  readonly registry: TableRegistry;
  /** Finds a region's tables. */
  readonly finder: (region: string) => TableFinder;
  /** What the walk of one of the tables touches besides, as its own request says. */
  readonly table: (request: WalkRequest, row: TableRow, report: Report) => WalkPorts;
}

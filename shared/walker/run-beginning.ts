import { MillraceError } from '../core/errors.ts';
import { checkExport, type PositionFacts } from '../core/export-start.ts';
import type { Phase } from '../core/phase.ts';
import { segmentsFor } from '../core/scan.ts';
import { exportSegments, type TableExport } from '../core/table-export.ts';
import type { WalkRequest } from '../request.ts';
import type { ExportPorts, ScanPorts } from './context.ts';

/** An export is handed over in one slice: its items are older than the changes, and a plain sink must get them before. */
const EXPORT_SLICE_MS = 365 * 24 * 60 * 60_000;

/**
 * The phase of a run that begins now, with what it reads: the export, where there is one that can serve it; else the
 * table. A run that was asked for later, as to repair a sink, scans the table where the export is too old for it, or gone.
 * @throws MillraceError `invalid-request` when the export cannot serve the first run.
 */
export async function runBeginning(
  request: Pick<WalkRequest, 'bootstrap'>,
  scan: ScanPorts,
  due: Phase,
  positions: PositionFacts | undefined,
): Promise<Phase> {
  const wanted = request.bootstrap?.segments;
  const found = positions && scan.export && (await serving(scan.export, due, positions));
  if (found) {
    return {
      ...due,
      endsAtMs: due.beganAtMs + EXPORT_SLICE_MS,
      segments: exportSegments(found.files.length, wanted),
      expectedItems: found.items,
      export: { arn: found.arn, asOfMs: found.asOfMs },
    };
  }
  const segments = wanted ?? segmentsFor(await scan.tableBytes());
  // An estimate is not worth a run that does not begin.
  const expectedItems = await scan.tableItems?.().catch(() => undefined);
  return { ...due, segments, ...(expectedItems !== undefined && { expectedItems }) };
}

/** The export, where it can serve this run; `null` where it cannot, and the run is a later one: exports do not stay. */
async function serving(exported: ExportPorts, due: Phase, positions: PositionFacts): Promise<TableExport | null> {
  try {
    const found = await exported.found();
    checkExport(found, positions, due.beganAtMs);
    return found;
  } catch (error) {
    if (due.run === 1 || !(error instanceof MillraceError)) throw error;
    return null;
  }
}

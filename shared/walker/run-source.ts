import { MillraceError } from '../core/errors.ts';
import type { Phase } from '../core/phase.ts';
import type { Source } from '../core/ports.ts';
import type { ScanPorts, WalkPorts } from './context.ts';
import { provenScan } from './scan-proof.ts';

/**
 * What the present run reads, in its segments: the table, as long as it has the run's stream, or the export that it began
 * with.
 * @throws MillraceError `invalid-request` when that is not the export that the request names.
 */
export async function runSource(
  { source, clock }: Pick<WalkPorts, 'source' | 'clock'>,
  scan: ScanPorts,
  { run, segments, export: begunWith }: Phase,
): Promise<Source> {
  if (begunWith === undefined) return provenScan(scan.source(run, segments), source.current, clock);
  const named = scan.export && (await scan.export.found()).arn;
  if (scan.export && named === begunWith.arn) return scan.export.source(run, segments);
  throw new MillraceError(
    'invalid-request',
    `bootstrap.export must be ${begunWith.arn} while run ${run} goes on, which began with it, got ${named ?? 'nothing'}: name it again, or end the run with millrace repair --cancel`,
  );
}

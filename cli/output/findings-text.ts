import { styleText } from 'node:util';
import type { Finding } from '../../shared/core/operations-doctor.ts';

const COLOURS = { ok: 'green', warning: 'yellow', problem: 'red', skipped: 'gray' } as const;

/** Findings under their subject, a line each, with what to do about them in the next. */
export function findingsText(
  examined: readonly { readonly subject: string; readonly findings: readonly Finding[] }[],
  stream: NodeJS.WritableStream,
): string {
  return examined
    .map(({ subject, findings }) => {
      const lines = findings.flatMap(({ check, result, detail, remedy }) => [
        `  ${styleText(COLOURS[result], result.padEnd(8), { stream })} ${check}: ${detail}`,
        ...(remedy === undefined ? [] : [`           ${remedy}`]),
      ]);
      return [subject, ...lines].join('\n');
    })
    .join('\n\n');
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { segmentsFor } from '../../shared/core/scan.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'bootstrap.md'), 'utf8');

const GB = 2 ** 30;
const SIZES = { '1 GB': GB, '1 TB': 1024 * GB, '100 TB': 102_400 * GB };
/** A GB-second on arm64. */
const GB_SECOND = 0.0000133334;

const hoursAt = (bytes: number, unitsPerSecond: number): number => bytes / 4096 / unitsPerSecond / 3600;

/** The cells of the page's rows for a table of this size, one array a row. */
const rowsOf = (size: string): readonly (readonly string[])[] =>
  [...page.matchAll(new RegExp(`^\\| ${size} \\| (.*) \\|$`, 'gm'))].map(([, cells = '']) => cells.split(' | '));

const numberIn = (cell: string | undefined): number => Number(cell?.replaceAll(/[$,]| hours/g, ''));

test.each(Object.entries(SIZES))(
  'the time and the cost that the page tells for %s are those of its formulas',
  (size, bytes) => {
    const [times, costs] = rowsOf(size);
    const [segments, slow, fast] = times ?? [];
    const scan = ((bytes / 4096) * 0.125) / 1e6;
    const handler = (bytes / 1024 / 100) * (0.2 / 1e6 + 0.05 * 0.5 * GB_SECOND);
    const walker = 9 * hoursAt(bytes, 40_000) * 3600 * GB_SECOND;

    expect(numberIn(segments)).toBe(segmentsFor(bytes));
    expect(numberIn(slow)).toBeCloseTo(hoursAt(bytes, 2_000), bytes > GB ? -0.4 : 2);
    expect(numberIn(fast)).toBeCloseTo(hoursAt(bytes, 40_000), bytes > SIZES['1 TB'] ? -0.4 : bytes > GB ? 1 : 3);
    expect(costs?.map(numberIn)).toEqual(
      [scan, handler, walker, scan + handler + walker].map((one) => Number(one.toFixed(2))),
    );
  },
);

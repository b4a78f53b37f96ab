import { expect, test } from 'vitest';
import { retentionOf } from '../../../shared/core/retention.ts';
import { HOUR } from '../../support/durations.ts';

test.each([
  ['a source that says nothing', undefined, 24 * HOUR],
  ['a source that says how long', 7 * 24 * HOUR, 7 * 24 * HOUR],
  ['a scan, which can lose nothing,', Number.POSITIVE_INFINITY, 24 * HOUR],
])('%s keeps its records', (_title, retentionMs, kept) => {
  expect(retentionOf(retentionMs === undefined ? {} : { retentionMs })).toBe(kept);
});

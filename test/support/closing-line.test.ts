import { expect, test } from 'vitest';
import { closingLine } from './closing-line.ts';

test('the closing line counts what passed and what failed', () => {
  expect(closingLine({ passed: 12, failed: 1, skipped: 0 })).toBe('12 passed, 1 failed');
});

test('the closing line mentions skipped tests only where there are any', () => {
  expect(closingLine({ passed: 12, failed: 0, skipped: 3 })).toBe('12 passed, 0 failed, 3 skipped');
});

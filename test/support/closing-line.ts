import type { Reporter, TestModule } from 'vitest/node';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The line that ends a test run, alone on a line: `12 passed, 0 failed`, and `, 3 skipped` where there are any. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Prints the closing line of a test run. A file that cannot be run, and an error outside of any test, is a failure. */
export const closingLineReporter: Reporter = {
  onTestRunEnd: (modules, unhandledErrors) => {
    const counts = modules.map(countsOf);
    process.stdout.write(
      `${closingLine({
        passed: sum(counts.map((each) => each.passed)),
        failed: sum(counts.map((each) => each.failed)) + unhandledErrors.length,
        skipped: sum(counts.map((each) => each.skipped)),
      })}\n`,
    );
  },
};

function countsOf(module: TestModule): Counts {
  const count = (state: 'passed' | 'failed' | 'skipped') => [...module.children.allTests(state)].length;
  const failed = count('failed');
  // A module fails without a failed test when it cannot be loaded, or when a hook outside of its tests throws.
  const failedItself = module.state() === 'failed' && failed === 0 ? 1 : 0;
  return { passed: count('passed'), failed: failed + failedItself, skipped: count('skipped') };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

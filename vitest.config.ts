import { defineConfig } from 'vitest/config';
import { closingLineReporter } from './test/support/closing-line.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/dynamodb-local-setup.ts'],
    reporters: ['default', closingLineReporter],
    // The engines are processes of their own and share the machine with the workers: more workers only queue up.
    maxWorkers: 2,
    // Against hanging only: a loaded machine may take many times as long as a quiet one.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});

import { defineConfig } from 'vitest/config';

/** What mutants of the core are tried against: its own tests, and quick ones of what is made of it. None starts an engine. */
const include = [
  'test/shared/{core,deduplicate,handler,operations}/**/*.test.ts',
  'test/shared/handler{,-batch,-entities,-observability,-paths,-schema,-window}.test.ts',
  'test/shared/{operations,walk-report}.test.ts',
];

// biome-ignore lint/style/noDefaultExport: Vitest takes its configuration so.
export default defineConfig({ test: { include, exclude: ['**/shard-map*'], testTimeout: 20_000 } });

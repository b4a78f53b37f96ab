import { arch, cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { MillraceError } from '../shared/core/errors.ts';
import { BENCHMARKS } from './benchmarks.ts';
import type { Benchmark, Row } from './support/row.ts';
import { markdownTable, terminalTable } from './support/table.ts';

const USAGE = `Measures Millrace beside other ways, each pair in the same run on the same input.

  npm run bench                          everything, in about a quarter of an hour
  npm run bench -- walker-cpu handler    some of it, by name
  npm run bench -- --long                24 simulated hours of many shards instead of one
  npm run bench -- --json                for a program
  npm run bench -- --markdown            for a page

${BENCHMARKS.map(({ name, title }) => `  ${name.padEnd(16)} ${title}`).join('\n')}`;

const OPTIONS = {
  long: { type: 'boolean' },
  json: { type: 'boolean' },
  markdown: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

function chosen(names: readonly string[]): readonly Benchmark[] {
  const unknown = names.find((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
  if (unknown !== undefined) {
    const known = BENCHMARKS.map(({ name }) => name).join(', ');
    throw new MillraceError('invalid-request', `a benchmark must be one of ${known}, got ${JSON.stringify(unknown)}`);
  }
  return names.length === 0 ? BENCHMARKS : BENCHMARKS.filter(({ name }) => names.includes(name));
}

const load = (): number => loadavg()[0] ?? 0;
const machine = {
  measuredAt: new Date().toISOString(),
  node: process.version,
  processor: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'} (${arch()})`,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  loadBefore: load(),
};

try {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  if (values.help) console.log(USAGE);
  else {
    const results: { benchmark: string; rows: readonly Row[]; seconds: number }[] = [];
    for (const { name, title, run } of chosen(positionals)) {
      console.error(`${name}: ${title}`);
      const startedAt = performance.now();
      const rows = await run({ isLong: values.long ?? false });
      results.push({ benchmark: name, rows, seconds: Math.round((performance.now() - startedAt) / 1000) });
    }
    const rows = results.flatMap((result) => result.rows);
    const conditions = `${machine.measuredAt}, Node ${machine.node}, ${machine.processor}, load ${machine.loadBefore.toFixed(1)} before and ${load().toFixed(1)} after`;
    if (values.json) console.log(JSON.stringify({ ...machine, loadAfter: load(), results }, null, 2));
    else console.log(`${values.markdown ? markdownTable(rows) : terminalTable(rows)}\n\n${conditions}`);
  }
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error && 'code' in error ? `error: ${error.message} (--help shows how)` : error);
  process.exit(1);
}

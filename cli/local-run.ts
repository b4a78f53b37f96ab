import { MillraceError } from '../shared/core/errors.ts';
import { parseLocalRunOptions, USAGE } from './local-run-options.ts';
import { localSession } from './local-session.ts';

/** What a shell reports for a program that Ctrl-C ended. */
const INTERRUPTED = 130;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(INTERRUPTED);
    stop.abort();
  });
}
// Whoever reads the output may leave before its end (npm start | head).
process.stdout.on('error', () => process.exit(0));

try {
  const options = parseLocalRunOptions(process.argv.slice(2));
  if (options.help) console.log(USAGE);
  else await localSession(options, stop.signal);
  // Watching has no other end than being interrupted.
  process.exitCode = stop.signal.aborted && !options.watch ? INTERRUPTED : 0;
} catch (error) {
  console.error(error instanceof MillraceError ? `error: ${error.message}` : error);
  process.exitCode = 1;
}

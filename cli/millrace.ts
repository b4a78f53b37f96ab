import { Command, CommanderError } from 'commander';
import { errorMessage, isDenied, isWithoutCredentials, isWithoutRegion } from '../shared/aws/errors.ts';
import { MillraceError } from '../shared/core/errors.ts';
import { EXIT, type ExitCode } from './output/exit-code.ts';
import { doctorVerb } from './verbs/doctor.ts';
import { gapsVerbs } from './verbs/gaps.ts';
import { moveVerb } from './verbs/move.ts';
import { parkedVerb } from './verbs/parked.ts';
import { pauseVerbs } from './verbs/pause.ts';
import { positionsVerbs } from './verbs/positions.ts';
import { redriveVerb } from './verbs/redrive.ts';
import { repairVerb } from './verbs/repair.ts';
import { rewindVerb } from './verbs/rewind.ts';
import { statusVerb } from './verbs/status.ts';
import { tablesVerb } from './verbs/tables.ts';
import { tailVerb } from './verbs/tail.ts';
import type { Run } from './verbs/verb.ts';
import { verifyVerb } from './verbs/verify.ts';
import { version } from './version.ts';

let ended: ExitCode = EXIT.ok;
const run: Run =
  (act) =>
  async (...args) => {
    ended = await act(...args);
  };

const program = new Command('millrace')
  .description('Operate Millrace: see, stop, rewind and follow subscriptions.')
  .version(version())
  .configureHelp({ sortSubcommands: true, showGlobalOptions: true })
  .exitOverride();
const VERBS = [
  statusVerb,
  tailVerb,
  pauseVerbs,
  rewindVerb,
  positionsVerbs,
  gapsVerbs,
  doctorVerb,
  moveVerb,
  parkedVerb,
  redriveVerb,
  repairVerb,
  tablesVerb,
  verifyVerb,
];
for (const add of VERBS) add(program, run);

// Whoever reads the output may leave before its end (millrace tail | head).
process.stdout.on('error', () => process.exit(EXIT.ok));

try {
  await program.parseAsync();
  process.exitCode = ended;
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof MillraceError) {
    console.error(`error: ${error.message}`);
    return error.code === 'invalid-request' ? EXIT.usage : EXIT.failed;
  }
  console.error(`error: ${errorMessage(error).replace(/^Error: /, '')}${hintOf(error)}`);
  return EXIT.failed;
}

/** What to do about a call that AWS refused, or that could not be made. */
function hintOf(error: unknown): string {
  if (isWithoutRegion(error)) return ': name it with --region, AWS_REGION or a profile';
  if (isWithoutCredentials(error)) return ': give some with --profile, AWS_PROFILE or aws sso login';
  return isDenied(error) ? ' (millrace doctor says which permission is missing)' : '';
}

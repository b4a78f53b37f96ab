import { spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

/** A running `millrace`, as a process of its own. */
export interface RunningCommand {
  readonly out: () => string;
  readonly errors: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Whoever reads the output goes away. */
  readonly closeOutput: () => void;
  readonly ended: Promise<Ended>;
}

/** No credentials, no configuration and no region but what a test gives. */
const BARE = {
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/nonexistent',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
  NO_COLOR: '1',
};

const WANTED = /^(PATH|HOME|JAVA_HOME|TMPDIR)$/;

export function startMillrace(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input = '',
): RunningCommand {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => WANTED.test(name)));
  const child = spawn(process.execPath, ['cli/millrace.ts', ...args], { env: { ...inherited, ...BARE, ...env } });
  let [out, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, out, errors })));
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return {
    out: () => out,
    errors: () => errors,
    kill: (signal) => void child.kill(signal),
    closeOutput: () => child.stdout.destroy(),
    ended,
  };
}

/** Runs `millrace` to its end. */
export const millrace = (
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
  input?: string,
): Promise<Ended> => startMillrace(args, env, input).ended;

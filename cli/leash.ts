/**
 * Runs the command it is given, and ends it as soon as this process's standard input closes.
 *
 * The parent keeps the other end of that pipe, and the operating system closes it however the parent dies, SIGKILL
 * included: so nothing started through here outlives the process that wanted it. Exits with the command's code, with
 * 127 when the command cannot be started.
 */
import { spawn } from 'node:child_process';

const [command, ...commandArguments] = process.argv.slice(2);
const child = spawn(command ?? '', commandArguments, { stdio: ['ignore', 'inherit', 'inherit'], windowsHide: true });

const endChild = (): void => {
  child.kill('SIGKILL');
};
process.stdin.on('close', endChild).on('error', endChild).resume();
process.on('SIGTERM', endChild).on('SIGINT', endChild).on('SIGHUP', endChild);

child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(127);
});
child.on('exit', (code) => process.exit(code ?? 0));

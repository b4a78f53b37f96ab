import { createInterface } from 'node:readline/promises';
import { EXIT } from './exit-code.ts';

/**
 * Asks before something is changed that cannot be taken back. `--yes` answers in advance; without a terminal the answer
 * is no, and Ctrl-C ends the command.
 */
export async function isConfirmed(question: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    console.error(`${question} There is no terminal to answer on: --yes says it in advance.`);
    return false;
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${question} [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    console.error();
    // Ctrl-D says nothing, which is no.
    if (`${error}`.includes('Ctrl+D')) return false;
    console.error('nothing was changed: interrupted');
    process.exit(EXIT.interrupted);
  } finally {
    lines.close();
  }
}

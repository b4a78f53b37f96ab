import { createInterface } from 'node:readline/promises';

/**
 * Asks before something is changed that cannot be taken back. `--yes` answers in advance; without a terminal the answer
 * is no.
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
  } finally {
    lines.close();
  }
}

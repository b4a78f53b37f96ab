import type { ExitCode } from '../output/exit-code.ts';

/** Makes an action of commander's out of a function that says how the command ends. */
export type Run = <Args extends readonly unknown[]>(
  act: (...args: Args) => Promise<ExitCode>,
) => (...args: Args) => Promise<void>;

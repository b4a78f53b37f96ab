/** How `millrace` ends, so that scripts can tell. */
export const EXIT = {
  /** Done, and nothing to look after. */
  ok: 0,
  /** Done, and something needs a person: a gap, a halted or stopped subscription, a failed check, differences. */
  findings: 1,
  /** The command line cannot be understood. */
  usage: 2,
  /** Nothing was changed: the state does not allow it, somebody else was faster, or nobody said yes. */
  refused: 3,
  /** AWS could not be reached, or does not allow it. */
  failed: 4,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * What can go wrong so that a person must act. Each code has a row with its remedy in README.md.
 *
 * - `invalid-request`: a walk request, an option or a command line that cannot be used.
 * - `invalid-record`: a record that is not what a stream delivers.
 * - `invalid-state`: a row of the state table that this release cannot read.
 * - `unsupported`: an engine, a source or a format this release does not know.
 * - `handler`: the handler has no function for what it was sent.
 * - `engine`: the embedded engine of the local run could not be started.
 */
export type MillraceErrorCode =
  | 'invalid-request'
  | 'invalid-record'
  | 'invalid-state'
  | 'unsupported'
  | 'handler'
  | 'engine';

/** An error that a person must act on: its message says what was wrong, the value received and what is allowed. */
export class MillraceError extends Error {
  readonly code: MillraceErrorCode;

  constructor(code: MillraceErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'MillraceError';
    this.code = code;
  }
}

import type { RequestedStart } from './start.ts';
import type { Pointer } from './subscription.ts';

/**
 * Where the subscription of a table that a pattern found begins.
 *
 * LATEST is the moment when the pattern itself was first walked, so that nothing of a table made later is left out,
 * however late it is found. With a bootstrap it is the moment when the table's own walks begin: its scan brings what was
 * before.
 */
export function tableStart(requested: RequestedStart, pattern: Pointer, isBootstrapped: boolean): RequestedStart {
  if (isBootstrapped || pattern.start.at === 'trim-horizon') return requested;
  return { at: 'time', time: new Date(pattern.start.momentMs).toISOString() };
}

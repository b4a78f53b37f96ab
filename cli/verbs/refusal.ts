import type { Refusal } from '../../shared/operations.ts';
import { EXIT, type ExitCode } from '../output/exit-code.ts';
import { durationText } from '../output/words.ts';
import type { Session } from './session.ts';

type Refused = Refusal | { readonly kind: 'not-halted' | 'not-confirmed' | 'no-bootstrap' | 'no-pattern' };

/** Says why nothing was changed. */
export function refuse(session: Session, subscription: string, refused: Refused): ExitCode {
  if (session.isJson) console.log(JSON.stringify({ subscription, result: 'refused', ...refused }));
  const reason = reasonOf(session, subscription, refused);
  // What only reads finds nothing, and would have changed nothing.
  console.error(refused.kind === 'unknown' ? reason : `nothing was changed: ${reason}`);
  return EXIT.refused;
}

function reasonOf(session: Session, subscription: string, refused: Refused): string {
  switch (refused.kind) {
    case 'unknown':
      return unknownText(session, JSON.stringify(subscription));
    case 'not-paused':
      return `${subscription} is not paused: millrace pause ${subscription}`;
    case 'busy': {
      const left = durationText(refused.untilMs - session.clock.nowMs());
      return `a walk still delivers, for ${left} at most: wait, or try again then`;
    }
    case 'changed':
      return 'somebody else changed the subscription in between: look again, and repeat';
    case 'other-stream':
      return `the positions are of ${refused.given.join(', ')}, and ${subscription} reads ${refused.known.join(', ')}`;
    case 'not-halted':
      return `no shard of ${subscription} is halted at such a gap: millrace gaps lists them`;
    case 'no-pattern':
      return `${subscription} is not for all tables that match a pattern, or has not looked for them yet`;
    case 'no-bootstrap':
      return `${subscription} has no bootstrap, so nothing would scan its table: set bootstrap on the subscription`;
    case 'not-confirmed':
      return 'nobody said yes';
  }
}

function unknownText({ hasStateTable, stateTable }: Session, name: string): string {
  if (hasStateTable)
    return `the state table ${stateTable()} has no subscription ${name}: millrace status lists those it has`;
  return `no event source mapping of this region is of ${name}; one that is walked is in a state table (--state-table)`;
}

import type { Refusal } from '../../shared/operations.ts';
import { EXIT, type ExitCode } from '../output/exit-code.ts';
import { durationText } from '../output/words.ts';
import type { Session } from './session.ts';

type Refused = Refusal | { readonly kind: 'not-halted' | 'not-confirmed' | 'no-bootstrap' };

/** Says why nothing was changed. */
export function refuse(session: Session, subscription: string, refused: Refused): ExitCode {
  if (session.isJson) console.log(JSON.stringify({ subscription, result: 'refused', ...refused }));
  console.error(`nothing was changed: ${reasonOf(session, subscription, refused)}`);
  return EXIT.refused;
}

function reasonOf(session: Session, subscription: string, refused: Refused): string {
  switch (refused.kind) {
    case 'unknown':
      return `the state table ${session.stateTable()} has no subscription ${JSON.stringify(subscription)}: millrace status lists those it has`;
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
    case 'no-bootstrap':
      return `${subscription} has no bootstrap, so nothing would scan its table: set bootstrap on the subscription`;
    case 'not-confirmed':
      return 'nobody said yes';
  }
}

import { tailSource } from '../../shared/changes.ts';
import type { TailSource } from '../../shared/core/tail-source.ts';
import { loadSubscription } from '../../shared/operations.ts';
import { kinesisTail } from './kinesis-tail.ts';
import type { Session } from './session.ts';

/** What a tail reads, and which readers it shares it with. */
export interface TailOf {
  readonly source: TailSource;
  readonly isKinesis: boolean;
}

/** A subscription's own stream, in its own region; else the table, or the stream of that ARN. */
export async function tailOf(session: Session, what: string): Promise<TailOf> {
  if (what.startsWith('arn:')) return tailOfArn(session, what, what);
  const loaded = session.hasStateTable ? await loadSubscription(session.state(), what) : null;
  const arn = loaded?.streams.at(-1)?.row.stream.arn;
  // By the table's ARN: it may be another account's.
  if (arn !== undefined) return tailOfArn(session, arn, arn.split('/stream/')[0] ?? what);
  const clients = { dynamodb: session.dynamodb, streams: session.streams };
  return { source: tailSource({ table: what, clients }), isKinesis: false };
}

function tailOfArn(session: Session, arn: string, table: string): TailOf {
  const [, , service, region = '', , resource = ''] = arn.split(':');
  const [kind, streamName] = resource.split('/');
  if (service === 'kinesis' && kind === 'stream' && streamName) {
    return { source: kinesisTail(session.kinesisOf(region), streamName, session.clock), isKinesis: true };
  }
  return { source: tailSource({ table, clients: session.clientsOf(region) }), isKinesis: false };
}

import { tableFacts } from '../../../shared/aws/table-facts.ts';
import { tailSource } from '../../../shared/changes.ts';
import { checkReaders, checkStream, type Finding } from '../../../shared/core/operations-doctor.ts';
import type { TailSource } from '../../../shared/core/tail-source.ts';
import { kinesisTail } from '../kinesis-tail.ts';
import type { Session } from '../session.ts';
import { attempt } from './attempt.ts';

/** A stream that is read: whether it is on, whether you may read it, and who does. */
export async function streamChecks(
  session: Session,
  streamArn: string,
  readers: readonly string[],
): Promise<readonly Finding[]> {
  const [, , service, region = '', , resource = ''] = streamArn.split(':');
  if (service === 'kinesis') return kinesisChecks(session, region, resource.split('/')[1] ?? '');
  // By its ARN: it may be another account's.
  const [tableArn = ''] = streamArn.split('/stream/');
  return attempt('stream', `dynamodb:DescribeTable on ${tableArn}`, async () => {
    const clients = session.clientsOf(region);
    const facts = await tableFacts(clients.dynamodb, tableArn, session.clock.nowMs);
    const access = facts?.streamArn
      ? await accessCheck(
          tailSource({ table: streamArn, clients }),
          'dynamodb:DescribeStream, GetShardIterator and GetRecords on the stream',
        )
      : [];
    return [checkStream(facts, streamArn), ...access, checkReaders(readers, facts?.replicas ?? [])];
  });
}

async function kinesisChecks(session: Session, region: string, streamName: string): Promise<readonly Finding[]> {
  const check = 'stream';
  return attempt(check, `kinesis:DescribeStreamSummary on ${streamName}`, async () => {
    const source = kinesisTail(session.kinesisOf(region), streamName, session.clock);
    const current = await source.current();
    if (current.kind === 'no-stream' || current.kind === 'no-table') {
      const remedy = 'make it again, or remove the subscription: what was in it is lost';
      return [{ check, result: 'problem', detail: current.message, remedy }];
    }
    const access = await accessCheck(source, 'kinesis:ListShards, GetShardIterator and GetRecords on the stream');
    if (current.kind === 'failed') return [{ check, result: 'warning', detail: current.message, remedy: TAIL }];
    return [{ check, result: 'ok', detail: `the Kinesis stream ${streamName}` }, ...access];
  });
}

const TAIL = 'you need kinesis:DescribeStreamSummary to see it';

/** Whether you may read the stream yourself: `millrace tail` needs it. What the walker's role may is not known here. */
async function accessCheck(source: TailSource, needed: string): Promise<readonly Finding[]> {
  const check = 'permissions';
  const remedy = `you need ${needed} to tail it`;
  const current = await source.current();
  const listed = current.kind === 'stream' ? await source.listShards(current.stream, null) : null;
  if (listed?.kind === 'failed') return [{ check, result: 'warning', detail: listed.message, remedy }];
  const open = listed?.kind === 'page' ? listed.shards.find((shard) => !shard.isClosed) : undefined;
  if (current.kind !== 'stream' || open === undefined) return [];
  const opened = await source.openLatest(current.stream, open.shardId);
  if (opened.kind === 'failed') return [{ check, result: 'warning', detail: opened.message, remedy }];
  const detail = "you may list the stream's shards and open them (yours: the walker's role is seen by its progress)";
  return [{ check, result: 'ok', detail }];
}

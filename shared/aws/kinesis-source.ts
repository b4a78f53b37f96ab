import {
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis';
import { BEFORE_DESERIALIZER, keepingText } from '../core/answer-text.ts';
import { MillraceError } from '../core/errors.ts';
import {
  type CurrentKinesisStream,
  currentKinesisStream,
  kinesisIteratorAt,
  kinesisPage,
  listedKinesisShard,
  listingPlace,
  listingStart,
  placeText,
  type WireKinesisPage,
} from '../core/kinesis-stream.ts';
import type { Children, Failed, ListedPage, ListedShard, Opened, Page, Source, StreamIdentity } from '../core/ports.ts';
import { type Position, withMoment } from '../core/position.ts';
import { errorName, failed } from './errors.ts';

export interface KinesisSourceOptions {
  /** Over HTTP/1.1: an HTTP/2 session does not outlive a function that is frozen. Two attempts suit it. */
  readonly client: KinesisClient;
  readonly streamName: string;
  /** How many read the stream besides mappings with enhanced fan-out: they share five reads a second and shard. */
  readonly readers: number;
  readonly nowMs: () => number;
}

/** ListShards' most. */
const SHARDS_A_PAGE = 1_000;
/** An iterator lives 5 minutes; half of one for clocks and calls that take long. */
const ITERATOR_LIFETIME_MS = 4.5 * 60_000;
/** Kinesis answers five reads a second and shard, of all readers together. */
const READ_INTERVAL_MS = 200;
/** GetRecords' most. */
const PAGE_BYTES = 10 * 1_048_576;
/** What a stream is may change under its name, which is all that most calls take: asked again this often. */
const SUMMARY_MS = 60_000;

/**
 * Reads the changes in one Kinesis stream.
 *
 * Kinesis never tells that what a position points at is trimmed: it goes on with what is left. So `hidesTrimmed`.
 */
export function kinesisSource(options: KinesisSourceOptions): Source {
  const { client, streamName: StreamName, nowMs } = options;
  let asked: { readonly atMs: number; readonly answer: Promise<CurrentKinesisStream> } | null = null;
  let retentionMs: number | undefined;
  /** What the last pages of shards told of their children: not where they start, which a listing does. */
  const childrenNamed = new Map<string, readonly string[]>();

  const describe = async (maxAgeMs: number): Promise<CurrentKinesisStream> => {
    const isDue = asked === null || nowMs() - asked.atMs >= maxAgeMs;
    if (isDue) asked = { atMs: nowMs(), answer: described(client, StreamName) };
    const { answer } = asked!;
    const found = await answer;
    if (found.kind === 'stream') retentionMs = found.retentionMs;
    else if (asked?.answer === answer) asked = null;
    return found;
  };
  /** Says why nothing can be read of this life of the stream; `null` when it can. */
  const unreadable = async (stream: StreamIdentity): Promise<{ readonly kind: 'gone' } | Failed | null> => {
    const found = await describe(SUMMARY_MS);
    if (found.kind === 'failed') return found;
    return found.kind === 'stream' && found.stream.createdAtMs === stream.createdAtMs ? null : { kind: 'gone' };
  };

  return {
    iteratorLifetimeMs: ITERATOR_LIFETIME_MS,
    pollIntervalMs: READ_INTERVAL_MS * options.readers,
    pageBytes: PAGE_BYTES,
    hidesTrimmed: true,
    marksGeneration: true,
    get retentionMs() {
      return retentionMs;
    },
    current: () => describe(0),
    listShards: async (stream, after) => (await unreadable(stream)) ?? listShards(client, StreamName, after),
    childrenOf: async (stream, shardId) =>
      (await unreadable(stream))
        ? { kind: 'unsupported' }
        : childrenOf(client, StreamName, shardId, childrenNamed.get(shardId) ?? []),
    open: async (stream, shardId, position) =>
      (await unreadable(stream)) ?? open(client, { StreamName, ShardId: shardId }, position),
    read: async (stream, iterator) => (await unreadable(stream)) ?? read(client, stream.arn, iterator, childrenNamed),
  };
}

async function described(client: KinesisClient, StreamName: string): Promise<CurrentKinesisStream> {
  try {
    const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
    return currentKinesisStream(StreamName, StreamDescriptionSummary);
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    if (errorName(error) !== 'ResourceNotFoundException') return failed(error);
    return { kind: 'no-stream', message: `there is no Kinesis stream ${StreamName}` };
  }
}

async function listShards(client: KinesisClient, StreamName: string, next: string | null): Promise<ListedPage> {
  const place = listingPlace(next);
  try {
    const input = { ...listingStart(StreamName, place), MaxResults: SHARDS_A_PAGE };
    const { Shards = [], NextToken: token } = await client.send(new ListShardsCommand(input));
    const after = Shards.at(-1)?.ShardId ?? place.after;
    const rest = token === undefined ? null : placeText({ token, after });
    return { kind: 'page', shards: Shards.map(listedKinesisShard), next: rest, open: true };
  } catch (error) {
    if (errorName(error) === 'ResourceNotFoundException') return { kind: 'gone' };
    if (errorName(error) !== 'ExpiredNextTokenException') return failed(error);
    return listShards(client, StreamName, placeText({ ...place, token: null }));
  }
}

/**
 * The children that are listed, behind their parent: ids are numbers that grow. A listing has pages for as long as the
 * stream keeps its records; once it has shown the children that were named, the rest is left unread.
 */
async function childrenOf(
  client: KinesisClient,
  StreamName: string,
  shardId: string,
  named: readonly string[],
): Promise<Children> {
  const shards: ListedShard[] = [];
  const isWhole = () => named.length > 0 && named.every((name) => shards.some((shard) => shard.shardId === name));
  let next: string | null = placeText({ token: null, after: shardId });
  while (next !== null && !isWhole()) {
    const page: ListedPage = await listShards(client, StreamName, next);
    // A full listing tells what became of a stream that is not found.
    if (page.kind === 'gone') return { kind: 'unsupported' };
    if (page.kind === 'failed') return page;
    shards.push(...page.shards.filter((shard) => shard.parents.includes(shardId)));
    next = page.next;
  }
  return { kind: 'children', shards };
}

async function open(
  client: KinesisClient,
  shard: { StreamName: string; ShardId: string },
  position: Position,
): Promise<Opened> {
  const at = kinesisIteratorAt(position, shard.ShardId);
  try {
    const { ShardIterator: iterator } = await client.send(new GetShardIteratorCommand({ ...shard, ...at }));
    if (iterator === undefined) return { kind: 'failed', reason: 'unavailable', message: 'GetShardIterator gave none' };
    return { kind: 'opened', iterator: `${shard.ShardId} ${iterator}` };
  } catch (error) {
    if (errorName(error) === 'ResourceNotFoundException') return { kind: 'gone' };
    // A moment that has not come yet is refused: until then, what is there is read and skipped.
    const isMoment = errorName(error) === 'InvalidArgumentException' && position.notBefore !== undefined;
    return isMoment ? open(client, shard, withMoment(position, undefined)) : failed(error);
  }
}

/** Reads at an iterator with its shard's id before it: the records' own ids begin with that. */
async function read(
  client: KinesisClient,
  streamArn: string,
  iterator: string,
  childrenNamed: Map<string, readonly string[]>,
): Promise<Page> {
  const [shardId = '', value = ''] = iterator.split(' ');
  try {
    const page = await recordsPage(client, value);
    const children = page.ChildShards?.map((child) => child.ShardId);
    if (children !== undefined) childrenNamed.set(shardId, children);
    return kinesisPage(page, { streamArn, shardId });
  } catch (error) {
    switch (errorName(error)) {
      // An iterator of a stream's earlier life is no valid argument: a new one tells what became of the stream.
      case 'InvalidArgumentException':
      case 'ExpiredIteratorException':
        return { kind: 'expired' };
      case 'ResourceNotFoundException':
        return { kind: 'gone' };
      default:
        return failed(error);
    }
  }
}

/** Calls GetRecords and parses the answer itself, so that data stays base64: the SDK gets to see an empty object. */
async function recordsPage(client: KinesisClient, ShardIterator: string): Promise<WireKinesisPage> {
  let page: WireKinesisPage = {};
  const command = new GetRecordsCommand({ ShardIterator });
  const keep = (text: Buffer): void => {
    page = JSON.parse(text.toString()) as WireKinesisPage;
  };
  command.middlewareStack.add(keepingText(keep), BEFORE_DESERIALIZER);
  await client.send(command);
  return page;
}

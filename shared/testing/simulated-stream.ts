import type { Clock } from '../core/ports.ts';
import type { RawItem } from '../core/record.ts';
import type { Random } from './simulated-random.ts';
import { type SimulatedRecord, simulatedRecord } from './simulated-record.ts';
import { HASHES, itemHash, type SimulatedShard, type SimulatedStreamLife } from './simulated-shard.ts';

export type { SimulatedShard, SimulatedStreamLife } from './simulated-shard.ts';

export interface SimulatedStreamOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** @default 'orders' */
  readonly tableName?: string;
  /** @default 'eu-central-1' */
  readonly region?: string;
  /** How many shards a stream begins with. @default 1 */
  readonly shards?: number;
  /** How long after a shard opened or closed listings show it, in milliseconds. @default 0 */
  readonly listingLagMs?: () => number;
  /** Every life of the stream begins here. @default '100000000000000000000' */
  readonly firstSequenceNumber?: string;
}

/** A table with a DynamoDB stream, whose shards roll, split and age only as they are told. */
export interface SimulatedStream {
  readonly tableName: string;
  readonly region: string;
  /** All lives of the stream, oldest first. */
  readonly lives: readonly SimulatedStreamLife[];
  /** The stream that is turned on; `null` when there is none. */
  readonly live: () => SimulatedStreamLife | null;
  /** The stream that the table names as its latest, turned on or not; `null` when it never had one. */
  readonly latest: () => SimulatedStreamLife | null;
  readonly tableExists: () => boolean;
  readonly openShards: () => readonly SimulatedShard[];
  /** What the table holds now, by key. */
  readonly items: () => ReadonlyMap<string, RawItem>;
  /** Writes an item: its first write is an INSERT, later ones MODIFY. `null` when no stream is on to carry it. */
  readonly write: (key: string, attributes?: RawItem) => SimulatedRecord | null;
  /** Deletes an item; `null` when there is none, or no stream is on to carry it. */
  readonly remove: (key: string) => SimulatedRecord | null;
  /** Closes an open shard and opens one child. */
  readonly roll: (shardId: string) => void;
  /** Closes an open shard and opens two children, each with half of its items. */
  readonly split: (shardId: string) => void;
  /** Closes two open shards whose items adjoin, and opens one child. Kinesis alone does this. */
  readonly merge: (shardId: string, otherShardId: string) => void;
  /** Turns the stream off: its shards close, its records stay until they are trimmed. */
  readonly disable: () => void;
  /** Turns on a new stream, with another identity and its sequence numbers from the beginning. */
  readonly enable: () => void;
  readonly dropTable: () => void;
  readonly createTable: () => void;
}

export function simulatedStream(options: SimulatedStreamOptions): SimulatedStream {
  const { clock, random, tableName = 'orders', region = 'eu-central-1', listingLagMs = () => 0 } = options;
  const lives: SimulatedStreamLife[] = [];
  const items = new Map<string, RawItem>();
  let exists = true;
  let livesOfDroppedTables = 0;
  let sequence = 0n;
  let events = 0;

  const latest = () => (exists && lives.length > livesOfDroppedTables ? lives.at(-1)! : null);
  const live = () => (latest()?.disabledAtMs === null ? latest() : null);
  const openShards = () => [...(live()?.shards.values() ?? [])].filter((shard) => shard.closedAtMs === null);
  const nextSequenceNumber = () => {
    sequence += BigInt(random.whole(1, 999));
    return String(sequence);
  };

  const open = (parents: readonly string[], from: number, to: number): void => {
    const openedAtMs = clock.nowMs();
    const suffix = random
      .whole(0, HASHES - 1)
      .toString(16)
      .padStart(8, '0');
    const shardId = `shardId-${String(openedAtMs).padStart(20, '0')}-${suffix}`;
    live()?.shards.set(shardId, {
      shardId,
      parents,
      startingSequenceNumber: nextSequenceNumber(),
      openedAtMs,
      from,
      to,
      records: [],
      shownAtMs: openedAtMs + listingLagMs(),
      closedAtMs: null,
      shownClosedAtMs: Number.POSITIVE_INFINITY,
    });
  };
  const openShard = (shardId: string): SimulatedShard => {
    const shard = openShards().find((candidate) => candidate.shardId === shardId);
    if (!shard) throw new Error(`an open shard must be named, got ${shardId}`);
    return shard;
  };
  const close = (shard: SimulatedShard): void => {
    shard.closedAtMs = clock.nowMs();
    shard.shownClosedAtMs = clock.nowMs() + listingLagMs();
  };

  const enable = () => {
    if (!exists || live()) throw new Error(`${tableName} must exist, with its stream off`);
    sequence = BigInt(options.firstSequenceNumber ?? '100000000000000000000');
    const createdAtMs = clock.nowMs();
    const label = new Date(createdAtMs).toISOString().slice(0, -1);
    const arn = `arn:aws:dynamodb:${region}:123456789012:table/${tableName}/stream/${label}`;
    lives.push({ identity: { arn, createdAtMs }, shards: new Map(), disabledAtMs: null });
    const count = options.shards ?? 1;
    for (let i = 0; i < count; i++) open([], Math.floor((HASHES * i) / count), Math.floor((HASHES * (i + 1)) / count));
  };
  const disable = () => {
    const life = live();
    if (!life) throw new Error(`the stream of ${tableName} must be on`);
    for (const shard of openShards()) close(shard);
    life.disabledAtMs = clock.nowMs();
  };

  const append = (key: string, now: RawItem | null): SimulatedRecord | null => {
    const before = items.get(key) ?? null;
    if (now) items.set(key, now);
    else items.delete(key);
    const hash = itemHash(key);
    const shard = openShards().find(({ from, to }) => from <= hash && hash < to);
    if (!shard || !(before || now)) return null;
    const record = simulatedRecord({
      key,
      before,
      now,
      eventId: (events++).toString(16).padStart(32, '0'),
      sequenceNumber: nextSequenceNumber(),
      shardId: shard.shardId,
      streamArn: live()!.identity.arn,
      region,
      writtenAtMs: clock.nowMs(),
    });
    shard.records.push(record);
    return record;
  };

  enable();
  return {
    tableName,
    region,
    lives,
    live,
    latest,
    tableExists: () => exists,
    openShards,
    items: () => items,
    write: (key, attributes = {}) => append(key, { pk: { S: key }, ...attributes }),
    remove: (key) => append(key, null),
    roll: (shardId) => {
      const parent = openShard(shardId);
      close(parent);
      open([shardId], parent.from, parent.to);
    },
    split: (shardId) => {
      const parent = openShard(shardId);
      const middle = Math.floor((parent.from + parent.to) / 2);
      close(parent);
      open([shardId], parent.from, middle);
      open([shardId], middle, parent.to);
    },
    merge: (shardId, otherShardId) => {
      const [a, b] = [openShard(shardId), openShard(otherShardId)];
      if (a.to !== b.from && b.to !== a.from) throw new Error('shards to merge must hold items that adjoin');
      close(a);
      close(b);
      open([shardId, otherShardId], Math.min(a.from, b.from), Math.max(a.to, b.to));
    },
    disable,
    enable,
    dropTable: () => {
      if (live()) disable();
      items.clear();
      livesOfDroppedTables = lives.length;
      exists = false;
    },
    createTable: () => {
      exists = true;
    },
  };
}

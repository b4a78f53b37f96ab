import { describeShare, listingMs, listingPauseMs } from '../core/listing-pace.ts';
import { retentionOf } from '../core/retention.ts';
import { withoutVisibleChildren } from '../core/shard-graph.ts';
import type { Lister, StreamRow } from '../core/subscription.ts';
import type { WalkContext, WalkPorts } from './context.ts';
import { type Listing, listStream } from './discovery.ts';
import type { Doubts } from './doubts.ts';
import type { Wake } from './wake.ts';

/** Nothing can be read before the first listing is complete. */
const LIST_FIRST_EVERY_MS = 1_000;

/** The lister's lease, beside the time that listing takes: over when the next is due. Two at once are no harm, only calls. */
const LISTER_MS = 45_000;

/** A finished shard whose children are not visible keeps a walk from leaving for this long. */
const AWAIT_CHILDREN_MS = 2 * 60_000;

/** Lists one stream's shards from time to time, beside everything else. */
export interface ShardLister {
  /** Lists, where that is due and no other worker does. */
  readonly listIfDue: (stream: StreamRow, lister: Lister | null, workers: number) => void;
  readonly isListing: () => boolean;
  /** The last listing of this walk. */
  readonly last: () => Listing | null;
  /** Whether something is expected of the next listing, so that a walk does not leave before it. */
  readonly isAwaited: () => boolean;
  readonly stop: () => Promise<void>;
}

/** A lister that has listed nothing yet. It paces the worker's DescribeStream calls; alone, one each `describeIntervalMs`. */
export function shardLister(context: WalkContext, wake: Wake, describeIntervalMs: number): ShardLister {
  const { clock, report } = context.ports;
  const ended = new AbortController();
  const doubts: Doubts = new Map();
  let listing: Promise<void> | null = null;
  let last: Listing | null = null;
  let attemptedAtMs = 0;
  let held: Lister | null = null;
  let workers = 1;

  const pace = (isLister: boolean): void =>
    context.pacer.setIntervalMs(describeIntervalMs * describeShare(workers, isLister));

  const childless = () => {
    if (last !== null && !last.isOpen) return [];
    return withoutVisibleChildren(context.rows, clock.nowMs(), retentionOf(context.ports.source));
  };

  const list = async (stream: StreamRow, lister: Lister | null): Promise<void> => {
    try {
      const { owner, request, ports } = context;
      const candidate = { ...ports, owner, subscription: request.subscription };
      // What a scan lists is known without asking anybody: nothing keeps two from doing it.
      const takesMs = listingMs(context.rows.size, workers);
      held = stream.run === undefined ? await becomeLister(candidate, lister, takesMs) : null;
      if (stream.run === undefined && held === null) return;
      pace(held !== null);
      last = (await listStream(context, stream, doubts, ended.signal)) ?? last;
    } catch (error) {
      report({ kind: 'state-failed', operation: 'list', message: String(error) });
    } finally {
      listing = null;
      pace(false);
      wake.notify();
    }
  };

  const everyMs = (stream: StreamRow): number => {
    if (!stream.isFirstListingComplete) return LIST_FIRST_EVERY_MS;
    const isAwaited = (last !== null && (last.isDoubtful || !last.isOpen)) || childless().length > 0;
    return listingPauseMs(context.rows.size, isAwaited);
  };

  return {
    listIfDue: (stream, lister, activeWorkers) => {
      const nowMs = clock.nowMs();
      workers = activeWorkers;
      if (listing === null) pace(false);
      if (listing !== null || nowMs - Math.max(stream.listedAtMs, attemptedAtMs) < everyMs(stream)) return;
      attemptedAtMs = nowMs;
      listing = list(stream, lister);
    },
    isListing: () => listing !== null,
    last: () => last,
    isAwaited: () =>
      listing !== null ||
      last?.isDoubtful === true ||
      childless().some((row) => clock.nowMs() - (row.finishedAtMs ?? 0) < AWAIT_CHILDREN_MS),
    stop: async () => {
      ended.abort();
      await listing;
      // A doubt is settled by asking twice: whoever comes next must have the time for it.
      if (last?.isDoubtful && held) await giveBack(context, held);
    },
  };
}

/** A worker of a subscription that would list. */
type Candidate = Pick<WalkPorts, 'state' | 'clock'> & { readonly subscription: string; readonly owner: string };

/** Makes this worker the one that lists, which takes it about so long; `null` when another is. */
export async function becomeLister(
  { state, clock, subscription, owner }: Candidate,
  lister: Lister | null,
  takesMs = 0,
): Promise<Lister | null> {
  const nowMs = clock.nowMs();
  const isFree = lister === null || lister.owner === null || lister.expiresAtMs <= nowMs;
  if (!isFree && lister.owner !== owner) return null;
  const next: Lister = {
    kind: 'lister',
    revision: (lister?.revision ?? -1) + 1,
    owner,
    expiresAtMs: nowMs + LISTER_MS + takesMs,
  };
  return (await state.putControl(subscription, next, lister?.revision ?? null)) ? next : null;
}

/** Lets another worker list at once. A failure leaves the lister's lease to expire. */
async function giveBack({ ports, request }: WalkContext, held: Lister): Promise<void> {
  const next = { ...held, owner: null, expiresAtMs: 0, revision: held.revision + 1 };
  try {
    await ports.state.putControl(request.subscription, next, held.revision);
  } catch (error) {
    ports.report({ kind: 'state-failed', operation: 'give the listing back', message: String(error) });
  }
}

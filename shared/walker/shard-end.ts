import { bornAfter } from '../core/hidden-loss.ts';
import type { LeaseRow } from '../core/lease.ts';
import { planChildren } from '../core/listing-plan.ts';
import type { ListedShard } from '../core/ports.ts';
import { compareSequenceNumbers } from '../core/sequence-number.ts';
import type { WalkContext } from './context.ts';
import { lastRecordAtMs, progressOf, type ShardSession } from './shard-session.ts';

/**
 * Where a call waits longer than this (milliseconds), because many shards end at once or many workers share the calls, the
 * next listing finds the children sooner, and the shard's end need not wait for them.
 */
const MAX_CHILDREN_WAIT_MS = 4_000;

/**
 * Ends a shard of which everything is settled, together with its children's rows.
 *
 * The rows are looked at first. Children that are not visible yet are found by a later listing; that is stored, so that
 * it survives the walk.
 */
export async function finishShard(session: ShardSession): Promise<void> {
  const { context, keeper } = session;
  const { report } = context.ports;
  const { shardId } = keeper.row();
  const isKnown = (): boolean => context.rows.hasChildren(shardId);
  const listed = isKnown() ? [] : await askForChildren(session, isKnown);
  const planned = planChildren(listed, context.rows);
  const isHiding = context.ports.source.hidesTrimmed;
  const children = isHiding ? planned.map((row) => bornAfter(row, context.listing.atMs)) : planned;
  const isVisible = isKnown() || listed.length > 0;
  const { position } = progressOf(session);
  const end = {
    lastRecordAtMs: lastRecordAtMs(session),
    notBefore: session.readPosition.notBefore,
    children: isVisible ? ('stored' as const) : ('not-visible' as const),
    ...(position.at === 'after-item' && { items: position.ordinal }),
  };
  reportLineage(session, listed);
  if (!(await keeper.finish(end, children))) return;
  await meetRows(context, children);
  report({ kind: 'shard-finished', shardId, children: children.length });
  if (!isVisible) report({ kind: 'children-not-visible', shardId });
}

/** Takes the rows as they are stored: another worker may have created one before, with another position. */
async function meetRows(context: WalkContext, rows: readonly LeaseRow[]): Promise<void> {
  const { state, report } = context.ports;
  await Promise.all(
    rows.map(async ({ shardId }) => {
      try {
        const row = await state.lease(context.key, shardId);
        if (row && !context.rows.has(shardId)) context.rows.set(shardId, row);
      } catch (error) {
        report({ kind: 'state-failed', operation: 'read the children', message: String(error) });
      }
    }),
  );
}

async function askForChildren(session: ShardSession, isKnown: () => boolean): Promise<readonly ListedShard[]> {
  const { context, keeper } = session;
  const { source, report } = context.ports;
  const { shardId } = keeper.row();
  if (context.pacer.waitMs() > MAX_CHILDREN_WAIT_MS) return [];
  await context.pacer.turn(keeper.lost);
  if (isKnown()) return [];
  try {
    const children = await source.childrenOf(context.key.stream, shardId);
    if (children.kind === 'children') return children.shards.filter((shard) => shard.parents.includes(shardId));
    if (children.kind === 'failed') report({ kind: 'source-failed', operation: 'children', ...reasonOf(children) });
  } catch (error) {
    report({ kind: 'source-failed', operation: 'children', reason: 'unavailable', message: String(error) });
  }
  return [];
}

const reasonOf = ({ reason, message }: { readonly reason: string; readonly message: string }) => ({ reason, message });

/** A change's version relies on children's numbers being above their parent's: says so loudly when they are not. */
function reportLineage(session: ShardSession, children: readonly ListedShard[]): void {
  const { position, shardId } = session.keeper.row();
  const last = session.window.settledUpTo()?.position ?? position;
  if (!('sequenceNumber' in last)) return;
  for (const child of children) {
    if (compareSequenceNumbers(child.startingSequenceNumber, last.sequenceNumber) > 0) continue;
    const message = `starts at ${child.startingSequenceNumber}, not above its parent's ${last.sequenceNumber}`;
    session.context.ports.report({ kind: 'lineage-violated', shardId: child.shardId, parent: shardId, message });
  }
}

import { expect, test } from 'vitest';
import { type Phase, STREAMING } from '../../../shared/core/phase.ts';
import { afterSequenceNumber } from '../../../shared/core/position.ts';
import { ShardRows } from '../../../shared/core/shard-rows.ts';
import { planWalk } from '../../../shared/core/walk-plan.ts';
import { shardFigures } from '../../../shared/walker/shard-figures.ts';
import type { ShardSession } from '../../../shared/walker/shard-session.ts';
import { HOUR, MINUTE } from '../../support/durations.ts';
import { aStreamRow } from '../../support/many-shards.ts';
import { aLease } from '../../support/shards.ts';
import { aWalk } from '../../support/walk-context.ts';

const stream = aStreamRow({ stream: { arn: 'arn', createdAtMs: 0 }, listedAtMs: 9 * HOUR });

/** The figures of a walk that holds shard `a`, last settled at five, at nine o'clock. */
async function figuresOf(changes: { readonly phase?: Phase; readonly sessions?: readonly ShardSession[] } = {}) {
  const { clock, context } = await aWalk();
  await clock.advanceTo(9 * HOUR);
  const row = aLease({ epoch: 1, owner: 'walk', expiresAtMs: 10 * HOUR, lastRecordAtMs: 5 * HOUR });
  const base = context('walk');
  const pointer = { ...base.pointer, ...(changes.phase && { phase: changes.phase }) };
  const walk = { ...base, pointer, rows: new ShardRows([row]) };
  const plan = planWalk(walk.rows, 'walk', 1, clock.nowMs());
  return shardFigures(walk, plan, changes.sessions ?? [], { stream, streams: [stream] });
}

test('the rows tell of shards that this walk does not read', async () => {
  expect(await figuresOf()).toEqual({
    openShards: 1,
    waitingShards: 0,
    finishedShards: 0,
    haltedShards: 0,
    lagMs: 4 * HOUR,
  });
});

test('of a shard that this walk reads, its reading tells what is not stored yet', async () => {
  const row = aLease({ epoch: 1, owner: 'walk', lastRecordAtMs: 5 * HOUR });
  const settled = { position: afterSequenceNumber('7'), createdAtMs: 8 * HOUR };
  const session = {
    keeper: { row: () => row },
    window: { settledUpTo: () => settled, unsettled: () => 1 },
    caughtUpAtMs: null,
    emptyPages: 0,
    attempts: 0,
    gap: null,
    gapPosition: row.position,
  } as unknown as ShardSession;

  expect((await figuresOf({ sessions: [session] })).lagMs).toBe(HOUR);
});

test('while a slice of a scan is read, changes have waited since it began', async () => {
  const phase: Phase = { ...STREAMING, kind: 'scanning', run: 1, beganAtMs: 9 * HOUR - 20 * MINUTE };

  expect((await figuresOf({ phase })).lagMs).toBe(20 * MINUTE);
});

test('while an export is read, changes have waited since its time', async () => {
  const exported = { arn: 'arn:export', asOfMs: 4 * HOUR };
  const phase: Phase = { ...STREAMING, kind: 'scanning', run: 1, beganAtMs: 9 * HOUR - 20 * MINUTE, export: exported };

  expect((await figuresOf({ phase })).lagMs).toBe(5 * HOUR);
});

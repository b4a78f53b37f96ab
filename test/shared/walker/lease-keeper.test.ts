import { describe, expect, test } from 'vitest';
import type { LeaseRow } from '../../../shared/core/lease.ts';
import type { State } from '../../../shared/core/ports.ts';
import { afterSequenceNumber, shardEnd, trimHorizon } from '../../../shared/core/position.ts';
import { claimLease, type LeaseKeeper } from '../../../shared/walker/lease-keeper.ts';
import { MINUTE, SECOND } from '../../support/durations.ts';
import { aLease, aProgress } from '../../support/shards.ts';
import { aWalk, KEY, type TestWalk } from '../../support/walk-context.ts';

/** A walk whose state has one free shard, `a`. */
async function aWalkWithShard(): Promise<TestWalk> {
  const walk = await aWalk();
  await walk.state.createLeases(KEY, [aLease()]);
  return walk;
}

const stored = async (walk: TestWalk, shardId = 'a'): Promise<LeaseRow> => (await walk.state.lease(KEY, shardId))!;

async function claimed(walk: TestWalk, owner: string, faulty?: (state: State) => Partial<State>) {
  return claimLease(walk.context(owner, faulty), await stored(walk), trimHorizon());
}

/** Calls fail as the script says, one after another: before the write takes place, or after. Then they succeed. */
const failing =
  (...script: readonly ('before' | 'after' | 'none')[]) =>
  (state: State): Partial<State> => {
    const faults = [...script];
    const call = async <Answer>(write: () => Promise<Answer>): Promise<Answer> => {
      const fault = faults.shift() ?? 'none';
      if (fault === 'before') throw new Error('unavailable');
      const answer = await write();
      if (fault === 'after') throw new Error('no answer');
      return answer;
    };
    return {
      updateLease: (...given) => call(() => state.updateLease(...given)),
      finishLease: (...given) => call(() => state.finishLease(...given)),
    };
  };

/** The walks' reports, but for the writes. */
const kindsOf = (walk: TestWalk): readonly string[] =>
  walk.events.map((event) => event.kind).filter((kind) => kind !== 'state-written');

/** Lets time pass until something is answered. */
async function eventually<Answer>(walk: TestWalk, answer: Promise<Answer>): Promise<Answer> {
  await walk.clock.advanceBy(10 * MINUTE);
  return answer;
}

describe('a claim', () => {
  test('stores the owner with the next epoch, and covers deliveries until the lease expires', async () => {
    const walk = await aWalkWithShard();

    const keeper = await claimed(walk, 'walk-1');

    expect(await stored(walk)).toMatchObject({ owner: 'walk-1', epoch: 1, expiresAtMs: MINUTE });
    expect(keeper?.coveredUntilMs()).toBe(MINUTE);
    expect(walk.events).toContainEqual({ kind: 'lease-claimed', shardId: 'a', epoch: 1, tookOver: false });
  });

  test('says that it took a lease over from a walk that let it expire', async () => {
    const walk = await aWalkWithShard();
    await claimed(walk, 'walk-1');
    await walk.clock.advanceBy(MINUTE);

    await claimed(walk, 'walk-2');

    expect(walk.events).toContainEqual({ kind: 'lease-claimed', shardId: 'a', epoch: 2, tookOver: true });
  });

  test('is not written on a lease that another holds', async () => {
    const walk = await aWalkWithShard();
    await claimed(walk, 'walk-1');

    expect(await claimed(walk, 'walk-2')).toBeNull();
    expect(await stored(walk)).toMatchObject({ owner: 'walk-1', revision: 1 });
  });

  test('is refused where another was faster, and learns whose the lease is', async () => {
    const walk = await aWalkWithShard();
    const seen = await stored(walk);
    await claimed(walk, 'walk-1');
    const context = walk.context('walk-2');

    expect(await claimLease(context, seen, trimHorizon())).toBeNull();
    expect(context.rows.get('a')).toMatchObject({ owner: 'walk-1', epoch: 1 });
  });

  test('counts when it was stored and nobody said so', async () => {
    const walk = await aWalkWithShard();

    const keeper = await eventually(walk, claimed(walk, 'walk-1', failing('after')));

    expect(keeper?.row()).toMatchObject({ owner: 'walk-1', epoch: 1, revision: 1 });
    expect(await stored(walk)).toMatchObject({ revision: 1 });
  });

  test('is repeated when it was not stored', async () => {
    const walk = await aWalkWithShard();

    const keeper = await eventually(walk, claimed(walk, 'walk-1', failing('before', 'before')));

    expect(keeper?.row()).toMatchObject({ owner: 'walk-1', epoch: 1 });
    expect(kindsOf(walk)).toEqual(['state-failed', 'state-failed', 'lease-claimed']);
  });

  test('is given up when its lease would be over before anybody knows what became of it', async () => {
    const walk = await aWalkWithShard();
    const blind = (state: State): Partial<State> => ({
      ...failing('after')(state),
      lease: async () => Promise.reject(new Error('unavailable')),
    });

    expect(await eventually(walk, claimed(walk, 'walk-1', blind))).toBeNull();
    expect(walk.clock.pending()).toBe(0);
  });

  test('is not taken for an earlier one of the same walk, of which nobody learned that it was stored', async () => {
    const walk = await aWalkWithShard();
    const seen = await stored(walk);
    const context = walk.context('walk-1');
    await walk.state.updateLease(KEY, seen, { ...seen, owner: 'walk-1', epoch: 1, revision: 1, expiresAtMs: MINUTE });
    await walk.clock.advanceBy(MINUTE / 2);

    expect(await claimLease(context, seen, trimHorizon())).toBeNull();
    expect(await stored(walk)).toMatchObject({ expiresAtMs: MINUTE });
    expect(context.rows.get('a')).toMatchObject({ epoch: 1, expiresAtMs: MINUTE });
  });

  test('is given up when it cannot be written before its lease would be over', async () => {
    const walk = await aWalkWithShard();
    const broken = failing(...Array.from({ length: 1_000 }, () => 'before' as const));

    expect(await eventually(walk, claimed(walk, 'walk-1', broken))).toBeNull();
    expect(await stored(walk)).toMatchObject({ owner: null, epoch: 0 });
  });

  test('is given back at once where the generation has ended', async () => {
    const walk = await aWalkWithShard();
    const rewound = (state: State): Partial<State> => ({
      pointer: async (subscription) => ({ ...(await state.pointer(subscription))!, generation: 2 }),
    });

    expect(await claimed(walk, 'walk-1', rewound)).toBeNull();
    expect(await stored(walk)).toMatchObject({ owner: null, epoch: 1, position: trimHorizon() });
  });
});

describe('a keeper', () => {
  test('stores progress, and covers deliveries only once the generation was verified after it', async () => {
    const walk = await aWalkWithShard();
    let isRewound = false;
    const rewinding = (state: State): Partial<State> => ({
      pointer: async (subscription) => {
        const pointer = (await state.pointer(subscription))!;
        return isRewound ? { ...pointer, generation: 2 } : pointer;
      },
    });
    const keeper = (await claimed(walk, 'walk-1', rewinding))!;
    expect(await keeper.save(aProgress(), 2 * MINUTE)).toBe(true);
    expect(keeper.coveredUntilMs()).toBe(2 * MINUTE);
    isRewound = true;

    expect(await keeper.save(aProgress({ position: afterSequenceNumber('200') }), 3 * MINUTE)).toBe(false);

    expect(keeper.coveredUntilMs()).toBe(2 * MINUTE);
    expect(await stored(walk)).toMatchObject({ position: afterSequenceNumber('200'), expiresAtMs: 3 * MINUTE });
  });

  test('never covers less than before', async () => {
    const walk = await aWalkWithShard();
    const keeper = (await claimed(walk, 'walk-1'))!;
    await keeper.save(aProgress(), 2 * MINUTE);

    await keeper.save(aProgress(), SECOND);

    expect(keeper.coveredUntilMs()).toBe(2 * MINUTE);
  });

  test('tells the walk’s other parts what it stored', async () => {
    const walk = await aWalkWithShard();
    const context = walk.context('walk-1');
    const keeper = (await claimLease(context, await stored(walk), trimHorizon()))!;

    await keeper.save(aProgress(), 2 * MINUTE);

    expect(context.rows.get('a')).toEqual(keeper.row());
    expect(keeper.row()).toEqual(await stored(walk));
  });

  test('writes one change after another, though all are asked for at once', async () => {
    const walk = await aWalkWithShard();
    const keeper = (await claimed(walk, 'walk-1', failing('none', 'after', 'before')))!;
    const numbers = ['100', '200', '300'];

    const saves = numbers.map((number) => keeper.save(aProgress({ position: afterSequenceNumber(number) }), MINUTE));

    expect(await eventually(walk, Promise.all(saves))).toEqual([true, true, true]);
    expect(await stored(walk)).toMatchObject({ position: afterSequenceNumber('300'), revision: 4 });
  });

  test('loses a lease that another has, says so once, and writes no more (I4)', async () => {
    const walk = await aWalkWithShard();
    const keeper = (await claimed(walk, 'walk-1'))!;
    await walk.clock.advanceBy(MINUTE);
    await claimed(walk, 'walk-2');

    expect(await keeper.save(aProgress(), 2 * MINUTE)).toBe(false);
    expect(keeper.lost.aborted).toBe(true);
    await keeper.release(aProgress());

    expect(await stored(walk)).toMatchObject({ owner: 'walk-2', epoch: 2, position: trimHorizon() });
    expect(walk.events.filter((event) => event.kind === 'lease-lost')).toEqual([
      { kind: 'lease-lost', shardId: 'a', epoch: 1 },
    ]);
    expect(kindsOf(walk)).not.toContain('lease-released');
  });

  test('keeps a lease whose time is over while nobody else has taken it', async () => {
    const walk = await aWalkWithShard();
    const keeper = (await claimed(walk, 'walk-1'))!;
    await walk.clock.advanceBy(2 * MINUTE);

    expect(await keeper.save(aProgress(), 4 * MINUTE)).toBe(true);
    expect(await stored(walk)).toMatchObject({ owner: 'walk-1', epoch: 1, expiresAtMs: 4 * MINUTE });
  });

  test('refuses to go back, and keeps the lease (I3)', async () => {
    const walk = await aWalkWithShard();
    const keeper = (await claimed(walk, 'walk-1'))!;
    await keeper.save(aProgress({ position: afterSequenceNumber('200') }), MINUTE);

    expect(await keeper.save(aProgress({ position: afterSequenceNumber('100') }), MINUTE)).toBe(false);

    expect(await stored(walk)).toMatchObject({ position: afterSequenceNumber('200') });
    expect(keeper.lost.aborted).toBe(false);
  });

  test('gives the lease back with what was settled', async () => {
    const walk = await aWalkWithShard();
    const keeper = (await claimed(walk, 'walk-1'))!;

    await keeper.release(aProgress({ position: afterSequenceNumber('200') }));

    expect(await stored(walk)).toMatchObject({ owner: null, epoch: 1, position: afterSequenceNumber('200') });
    expect(kindsOf(walk)).toEqual(['lease-claimed', 'lease-released']);
  });
});

describe('the end of a shard', () => {
  const end = { lastRecordAtMs: SECOND, notBefore: 5 * SECOND, children: 'stored' } as const;
  const finish = (keeper: LeaseKeeper, ...children: readonly LeaseRow[]) => keeper.finish(end, children);

  test('is stored together with its children’s rows', async () => {
    const walk = await aWalkWithShard();
    const keeper = (await claimed(walk, 'walk-1'))!;
    await walk.clock.advanceBy(9 * SECOND);

    expect(await finish(keeper, aLease({ shardId: 'b', parents: ['a'] }))).toBe(true);

    expect(await stored(walk)).toMatchObject({
      owner: null,
      position: shardEnd(5 * SECOND),
      lastRecordAtMs: SECOND,
      children: 'stored',
      finishedAtMs: 9 * SECOND,
    });
    expect(await stored(walk, 'b')).toMatchObject({ parents: ['a'], epoch: 0 });
  });

  test('is stored once, though its answer is lost, and leaves a child that is being read alone', async () => {
    const walk = await aWalkWithShard();
    const keeper = (await claimed(walk, 'walk-1', failing('none', 'before', 'after')))!;
    await walk.state.createLeases(KEY, [aLease({ shardId: 'b', parents: ['a'], epoch: 5 })]);

    expect(await eventually(walk, finish(keeper, aLease({ shardId: 'b', parents: ['a'] })))).toBe(true);

    expect(await stored(walk)).toMatchObject({ position: shardEnd(5 * SECOND), revision: 2 });
    expect(await stored(walk, 'b')).toMatchObject({ epoch: 5 });
  });

  test('is not stored, nor any child, once another has the lease', async () => {
    const walk = await aWalkWithShard();
    const keeper = (await claimed(walk, 'walk-1'))!;
    await walk.clock.advanceBy(MINUTE);
    await claimed(walk, 'walk-2');

    expect(await finish(keeper, aLease({ shardId: 'b', parents: ['a'] }))).toBe(false);

    expect(await stored(walk)).toMatchObject({ owner: 'walk-2', position: trimHorizon() });
    expect(await walk.state.lease(KEY, 'b')).toBeNull();
  });
});

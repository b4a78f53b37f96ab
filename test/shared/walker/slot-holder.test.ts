import { describe, expect, test } from 'vitest';
import type { State } from '../../../shared/core/ports.ts';
import type { Slot } from '../../../shared/core/subscription.ts';
import { takeSlot } from '../../../shared/walker/slot-holder.ts';
import { MINUTE, SECOND } from '../../support/durations.ts';
import { aSlot } from '../../support/shards.ts';
import { aWalk, KEY, type TestWalk } from '../../support/walk-context.ts';

const never = new AbortController().signal;
const HAND_OVER = 14 * MINUTE;

const tickOf = (owner: string, handOverAtMs = HAND_OVER) => ({
  worker: 0,
  owner,
  durationMs: 30 * SECOND,
  handOverAtMs,
});

async function slotIn({ state }: TestWalk): Promise<Slot | undefined> {
  return (await state.control(KEY.subscription)).find((row) => row.kind === 'slot');
}

const take = (walk: TestWalk, owner: string, stop = never, faulty?: (state: State) => Partial<State>) =>
  takeSlot(walk.context(owner, faulty).ports, KEY.subscription, tickOf(owner), stop);

describe('a tick', () => {
  test('takes a slot that nobody holds, and gives it back', async () => {
    const walk = await aWalk();

    const slot = await take(walk, 'walk-1');
    expect(await slotIn(walk)).toMatchObject({ owner: 'walk-1', expiresAtMs: 30 * SECOND, handOverAtMs: HAND_OVER });

    await slot!.release();
    expect(await slotIn(walk)).toMatchObject({ owner: null, expiresAtMs: 0 });
  });

  test('leaves at once where another walk holds the slot', async () => {
    const walk = await aWalk();
    await take(walk, 'walk-1');

    expect(await take(walk, 'walk-2')).toBeNull();
    expect(walk.clock.nowMs()).toBe(0);
    expect(walk.events).toEqual([]);
  });

  test('takes the slot of its own worker alone', async () => {
    const walk = await aWalk();
    await walk.state.putControl(KEY.subscription, aSlot({ worker: 7, owner: 'other', expiresAtMs: MINUTE }), null);

    expect(await take(walk, 'walk-1')).not.toBeNull();
  });

  test('that comes shortly before the hand-over waits, and takes over within a second of it', async () => {
    const walk = await aWalk();
    const first = await take(walk, 'walk-1');
    await walk.clock.advanceTo(HAND_OVER - MINUTE);
    await first!.renew();
    const second = takeSlot(walk.context('walk-2').ports, KEY.subscription, tickOf('walk-2', 28 * MINUTE), never);
    await walk.clock.advanceTo(HAND_OVER - 40 * SECOND);
    expect(await slotIn(walk)).toMatchObject({ owner: 'walk-1', waiter: 'walk-2' });
    await first!.renew();

    await walk.clock.advanceTo(HAND_OVER - 20 * SECOND);
    await first!.release();
    await walk.clock.advanceBy(SECOND);

    expect(await second).not.toBeNull();
    expect(await slotIn(walk)).toMatchObject({ owner: 'walk-2', waiter: null });
    expect(walk.events).toEqual([{ kind: 'slot-awaited', worker: 0 }]);
  });

  test('that waits takes over from a walk that died', async () => {
    const walk = await aWalk();
    await walk.clock.advanceTo(HAND_OVER - MINUTE);
    await take(walk, 'walk-1');
    const second = takeSlot(walk.context('walk-2').ports, KEY.subscription, tickOf('walk-2', 28 * MINUTE), never);

    await walk.clock.advanceBy(30 * SECOND);

    expect(await second).not.toBeNull();
  });

  test('that waits in vain leaves when the slot should long have expired', async () => {
    const walk = await aWalk();
    await walk.clock.advanceTo(HAND_OVER - MINUTE);
    const first = await take(walk, 'walk-1');
    const second = takeSlot(walk.context('walk-2').ports, KEY.subscription, tickOf('walk-2', 28 * MINUTE), never);
    for (let index = 0; index < 12; index++) {
      await walk.clock.advanceBy(10 * SECOND);
      await first!.renew();
    }

    expect(await second).toBeNull();
  });

  test('that is stopped while it waits leaves at once, and no timer behind', async () => {
    const walk = await aWalk();
    const stop = new AbortController();
    await walk.clock.advanceTo(HAND_OVER - MINUTE);
    await take(walk, 'walk-1');
    const second = takeSlot(walk.context('walk-2').ports, KEY.subscription, tickOf('walk-2', 28 * MINUTE), stop.signal);
    await walk.clock.advanceBy(SECOND / 2);

    stop.abort();

    expect(await second).toBeNull();
    expect(walk.clock.pending()).toBe(0);
  });

  test('that comes too late to walk, or is stopped already, takes nothing', async () => {
    const walk = await aWalk();
    expect(await take(walk, 'walk-1', AbortSignal.abort())).toBeNull();

    await walk.clock.advanceTo(HAND_OVER);

    expect(await take(walk, 'walk-1')).toBeNull();
    expect(await slotIn(walk)).toBeUndefined();
  });

  test('looks again where another was faster', async () => {
    const walk = await aWalk();
    const beaten = (state: State): Partial<State> => ({
      putControl: async (subscription, row, revision) => {
        if ((await slotIn(walk)) === undefined) await take(walk, 'walk-1');
        return state.putControl(subscription, row, revision);
      },
    });

    expect(await take(walk, 'walk-2', never, beaten)).toBeNull();
    expect(await slotIn(walk)).toMatchObject({ owner: 'walk-1' });
  });
});

describe('a held slot', () => {
  test('is renewed once a third of its time has passed, and not before', async () => {
    const walk = await aWalk();
    const slot = await take(walk, 'walk-1');
    await walk.clock.advanceTo(10 * SECOND - 1);
    expect(await slot!.renew()).toBe(true);
    expect(await slotIn(walk)).toMatchObject({ revision: 0 });

    await walk.clock.advanceTo(10 * SECOND);
    expect(await slot!.renew()).toBe(true);

    expect(await slotIn(walk)).toMatchObject({ revision: 1, expiresAtMs: 40 * SECOND, lastSeenAtMs: 10 * SECOND });
  });

  test('is renewed over a tick that has begun to wait, which stays', async () => {
    const walk = await aWalk();
    await walk.clock.advanceTo(HAND_OVER - MINUTE);
    const slot = await take(walk, 'walk-1');
    await walk.clock.advanceBy(10 * SECOND);
    const stored = await slotIn(walk);
    const awaited = { ...stored!, waiter: 'walk-2', waiterUntilMs: HAND_OVER, revision: 1 };
    await walk.state.putControl(KEY.subscription, awaited, 0);

    expect(await slot!.renew()).toBe(true);

    expect(await slotIn(walk)).toMatchObject({ owner: 'walk-1', revision: 2, waiter: 'walk-2' });
  });

  test('is lost where another walk has it, and is not given back then', async () => {
    const walk = await aWalk();
    const slot = await take(walk, 'walk-1');
    await walk.clock.advanceBy(MINUTE);
    await take(walk, 'walk-2');

    expect(await slot!.renew()).toBe(false);
    await slot!.release();

    expect(await slotIn(walk)).toMatchObject({ owner: 'walk-2' });
    expect(walk.events).toEqual([]);
  });

  test('is given back once', async () => {
    const walk = await aWalk();
    const slot = await take(walk, 'walk-1');

    await slot!.release();
    await slot!.release();

    expect(await slotIn(walk)).toMatchObject({ revision: 1 });
  });

  test('is left to expire where it cannot be given back, and says so', async () => {
    const walk = await aWalk();
    let isBroken = false;
    const broken = (state: State): Partial<State> => ({
      putControl: async (...given) => (isBroken ? Promise.reject(new Error('throttled')) : state.putControl(...given)),
    });
    const slot = await take(walk, 'walk-1', never, broken);
    isBroken = true;

    await slot!.release();

    expect(await slotIn(walk)).toMatchObject({ owner: 'walk-1' });
    expect(walk.events).toEqual([{ kind: 'state-failed', operation: 'release the slot', message: 'Error: throttled' }]);
  });
});

import { describe, expect, test } from 'vitest';
import { type Phase, STREAMING } from '../../../shared/core/phase.ts';
import { cancelRun, requestRun } from '../../../shared/operations/run-request.ts';
import { aSubscription, POINTER } from './a-subscription.ts';

const afterOne: Phase = { ...STREAMING, epoch: 4, run: 1, wantedRun: 1, segments: 8 };

describe('asking for another run', () => {
  test('writes the number that follows, once', async () => {
    const { ports, state } = await aSubscription({ pointer: { phase: afterOne } });

    expect(await requestRun(ports, 'orders')).toEqual({ kind: 'done', run: 2 });
    expect(await state.pointer('orders')).toEqual({ ...POINTER, phase: { ...afterOne, wantedRun: 2 }, revision: 4 });
    expect(await requestRun(ports, 'orders')).toEqual({ kind: 'already', run: 2 });
    expect(await state.pointer('orders')).toMatchObject({ revision: 4 });
  });

  test('changes nothing while a run goes on', async () => {
    const scanning: Phase = { ...afterOne, kind: 'scanning', isRunDone: false };
    const { ports } = await aSubscription({ pointer: { phase: scanning } });

    expect(await requestRun(ports, 'orders')).toEqual({ kind: 'already', run: 1 });
  });

  test('changes nothing where nothing would scan, or nothing ever began', async () => {
    const { ports } = await aSubscription();

    expect(await requestRun(ports, 'orders')).toEqual({ kind: 'no-bootstrap' });
    expect(await requestRun(ports, 'customers')).toEqual({ kind: 'unknown' });
  });

  test('writes over nothing that came in between', async () => {
    const { ports, state } = await aSubscription({ pointer: { phase: afterOne } });
    let isFirst = true;
    const racing: typeof state = {
      ...state,
      putControl: async (subscription, next, revision) => {
        if (isFirst) {
          isFirst = false;
          await state.putControl('orders', { ...POINTER, phase: afterOne, isPaused: false, revision: 4 }, 3);
        }
        return state.putControl(subscription, next, revision);
      },
    };

    await requestRun({ ...ports, state: racing }, 'orders');

    expect(await state.pointer('orders')).toMatchObject({ isPaused: false, phase: { wantedRun: 2 }, revision: 5 });
  });
});

describe('cancelling a run', () => {
  test('ends a slice in one write, after which what it has in flight is waited for', async () => {
    const scanning: Phase = { ...afterOne, kind: 'scanning', run: 2, wantedRun: 2, isRunDone: false };
    const { ports, state } = await aSubscription({ pointer: { phase: scanning } });

    expect(await cancelRun(ports, 'orders')).toEqual({ kind: 'done', run: 2 });
    expect(await state.pointer('orders')).toMatchObject({
      isPreviousFree: false,
      phase: { kind: 'streaming', epoch: 5, run: 2, wantedRun: 2, isRunDone: true },
      revision: 4,
    });
    expect(await cancelRun(ports, 'orders')).toEqual({ kind: 'no-run' });
  });

  test('takes back one that was only asked for', async () => {
    const { ports, state } = await aSubscription({ pointer: { phase: afterOne } });
    await requestRun(ports, 'orders');

    expect(await cancelRun(ports, 'orders')).toEqual({ kind: 'done', run: 2 });
    expect(await state.pointer('orders')).toMatchObject({ phase: { run: 1, wantedRun: 1 } });
  });

  test('changes nothing where there is none, or nothing ever began', async () => {
    const { ports, state } = await aSubscription({ pointer: { phase: afterOne } });

    expect(await cancelRun(ports, 'orders')).toEqual({ kind: 'no-run' });
    expect(await state.pointer('orders')).toMatchObject({ revision: 3 });
    expect(await cancelRun(ports, 'customers')).toEqual({ kind: 'unknown' });
  });
});

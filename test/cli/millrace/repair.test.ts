import { describe, expect, test } from 'vitest';
import { type Phase, STREAMING } from '../../../shared/core/phase.ts';
import type { Pointer } from '../../../shared/core/subscription.ts';
import { walkedOrders } from './walked-orders.ts';

const MINUTE = 60_000;

const pointerIn = (phase: Partial<Phase>): Pointer => ({
  kind: 'pointer',
  revision: 0,
  generation: 1,
  start: { at: 'trim-horizon' },
  startedAtMs: 0,
  isPaused: false,
  isPreviousFree: true,
  phase: { ...STREAMING, segments: 1, ...phase },
});

describe('millrace repair', () => {
  test(
    'asks for another run of a bootstrapped subscription, once',
    async () => {
      const orders = await walkedOrders();
      await orders.state.putControl('orders', pointerIn({ run: 1, wantedRun: 1 }), null);

      const unsaid = await orders.run('repair', 'orders');
      const asked = await orders.run('repair', 'orders', '--yes');
      const again = await orders.run('repair', 'orders', '--yes', '--json');

      expect(unsaid).toMatchObject({ code: 3, out: '' });
      expect(asked).toEqual({
        code: 0,
        out: 'orders begins run 2 with its next tick: millrace status orders follows it\n',
        errors: '',
      });
      expect(JSON.parse(again.out)).toEqual({ subscription: 'orders', result: 'already', run: 2 });
      expect(await orders.state.pointer('orders')).toMatchObject({ phase: { run: 1, wantedRun: 2 } });
    },
    MINUTE,
  );

  test(
    'cancels the run that is asked for, once',
    async () => {
      const orders = await walkedOrders();
      await orders.state.putControl('orders', pointerIn({ run: 1, wantedRun: 2 }), null);

      const unsaid = await orders.run('repair', 'orders', '--cancel');
      const cancelled = await orders.run('repair', 'orders', '--cancel', '--yes');
      const again = await orders.run('repair', 'orders', '--cancel', '--yes', '--json');

      expect(unsaid).toMatchObject({ code: 3, out: '' });
      expect(cancelled).toEqual({
        code: 0,
        out: 'orders ends run 2, and goes on with its changes: millrace repair begins another\n',
        errors: '',
      });
      expect(JSON.parse(again.out)).toEqual({ subscription: 'orders', result: 'no-run', run: null });
      expect(await orders.state.pointer('orders')).toMatchObject({ phase: { run: 1, wantedRun: 1 } });
    },
    MINUTE,
  );

  test(
    'of a subscription without a bootstrap is refused',
    async () => {
      const orders = await walkedOrders();
      await orders.write('a');
      await orders.walkUntil(1);

      const refused = await orders.run('repair', 'orders', '--yes');

      expect(refused).toMatchObject({ code: 3, out: '' });
      expect(refused.errors).toContain('orders has no bootstrap, so nothing would scan its table');
    },
    MINUTE,
  );
});

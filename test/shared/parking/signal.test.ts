import { describe, expect, test } from 'vitest';
import { redriveEvent } from '../../../shared/core/redrive-event.ts';
import { changeHandler } from '../../../shared/handler.ts';
import { eventOf, insertOf } from '../../../shared/testing/index.ts';
import { capturedLog } from '../handler/captured-log.ts';
import { aParking, invoking, type Thing } from './a-parking.ts';

const things = (...ids: readonly string[]) => eventOf(ids.map((id) => insertOf<Thing>({ id })));

/** Waits for nothing but the signal. */
const untilTold = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

describe('the signal of a call', () => {
  test('aborts when its change is parked for the time it took, and not where a change ends', async () => {
    const of = aParking();
    const signals: Record<string, AbortSignal> = {};
    const handler = changeHandler<Thing>(
      {
        insert: ({ newImage: { id } }, { signal }) => {
          signals[id] = signal;
          return id === 'a' ? new Promise(() => undefined) : undefined;
        },
      },
      { parking: of.parking, logger: capturedLog().logger() },
    );

    await invoking(of, handler)(things('a', 'b'));

    expect(of.waiting()).toEqual({ a: 1 });
    expect([signals.a?.aborted, signals.b?.aborted]).toEqual([true, false]);
    expect(signals.a?.reason).toMatchObject({ message: expect.stringMatching(/took longer than 13500 ms/) });
  });

  test('of a redrive aborts, too', async () => {
    const of = aParking({ attempts: 1 });
    const ended: string[] = [];
    let isBroken = true;
    const handler = changeHandler<Thing>(
      {
        insert: async (_change, { signal }) => {
          if (isBroken) throw new Error('no');
          await untilTold(signal).catch(({ message }: Error) => ended.push(message));
        },
      },
      { parking: of.parking, logger: capturedLog().logger() },
    );
    await invoking(of, handler)(things('a'));
    isBroken = false;

    const { redrive } = await invoking(of, handler)(redriveEvent());

    expect(redrive?.failed).toHaveLength(1);
    expect(ended).toEqual(['the change took longer than its share of the time']);
  });

  test('of a call for many aborts while there is time for each item, and the item at fault is found', async () => {
    const of = aParking({ attempts: 1, timeShare: 0.4 });
    const calls: string[] = [];
    const handler = changeHandler<Thing>(
      {
        batch: async (changes, { signal }) => {
          const ids = changes.map(({ keys }) => keys.id).join(' ');
          calls.push(ids);
          if (ids.includes('a')) await untilTold(signal);
        },
      },
      { parking: of.parking, logger: capturedLog().logger() },
    );

    await expect(invoking(of, handler)(things('a', 'b'))).resolves.toEqual({ batchItemFailures: [] });

    expect(calls).toEqual(['a b', 'a', 'b']);
    expect(of.waiting()).toEqual({ a: 1 });
  });
});

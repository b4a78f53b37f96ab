import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { changeHandler } from '../../shared/handler.ts';
import { eventOf, gapOf, insertOf, runHandler } from '../../shared/testing/index.ts';
import { capturedLog } from './handler/captured-log.ts';

interface Step {
  readonly id: string;
  readonly step: number;
}

const { logger } = capturedLog();

/** A handler whose functions wait `waits[step]` turns; what it started and ended is written down. */
function watched(concurrency: number, failing: ReadonlySet<number>, waits: readonly number[] = []) {
  const started: Step[] = [];
  const ended: Step[] = [];
  let running = 0;
  let most = 0;
  const handler = changeHandler<Step>(
    {
      insert: async ({ newImage }) => {
        started.push(newImage);
        running += 1;
        most = Math.max(most, running);
        for (let turn = 0; turn <= (waits[newImage.step] ?? 0); turn += 1) await Promise.resolve();
        running -= 1;
        ended.push(newImage);
        if (failing.has(newImage.step)) throw new Error('failing');
      },
    },
    { concurrency, logger: logger() },
  );
  return { handler, started, ended, most: () => most };
}

const stepsOf = (ids: readonly string[]): Step[] => ids.map((id, step) => ({ id, step }));
const steps = (done: readonly Step[]) => done.map(({ step }) => step);

describe('concurrency', () => {
  test('items run in parallel, and changes of one item one after the other', async () => {
    const { handler, started, most } = watched(2, new Set(), [9, 0, 0, 0]);

    const { settled } = await runHandler(handler, eventOf(stepsOf(['a', 'a', 'b', 'c']).map(insertOf)));

    expect(settled).toHaveLength(4);
    expect(steps(started)).toEqual([0, 2, 3, 1]);
    expect(most()).toBe(2);
  });

  test('whatever runs and fails, the answer is the lowest unsettled change and each item keeps its order', async () => {
    const batch = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        batch,
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.nat(19), { maxLength: 4 }),
        fc.array(fc.nat(5), { minLength: 20, maxLength: 20 }),
        async (ids, concurrency, fails, waits) => {
          const failing = new Set(fails.filter((step) => step < ids.length));
          const { handler, started, ended, most } = watched(concurrency, failing, waits);

          const { settled } = await runHandler(handler, eventOf(stepsOf(ids).map(insertOf)));

          const lowest = Math.min(ids.length, ...failing);
          expect(settled).toHaveLength(lowest);
          expect(steps(ended)).toEqual(expect.arrayContaining([...Array(lowest).keys()]));
          expect(most()).toBeLessThanOrEqual(concurrency);
          for (const id of ids) {
            const own = steps(started.filter((step) => step.id === id));
            expect(own).toEqual(own.toSorted((a, b) => a - b));
            expect(own.slice(0, -1).some((step) => failing.has(step))).toBe(false);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  describe('around a gap', () => {
    const seen: string[] = [];
    /** Waits as many turns as its id says, and fails for id 9. */
    const handler = changeHandler<{ readonly id: number }>(
      {
        insert: async ({ newImage }) => {
          for (let turn = 0; turn < newImage.id; turn += 1) await new Promise(setImmediate);
          if (newImage.id === 9) throw new Error('failing');
          seen.push(`insert ${newImage.id}`);
        },
        gap: async () => {
          await new Promise(setImmediate);
          seen.push('gap');
        },
      },
      { concurrency: 10, logger: logger() },
    );
    beforeEach(() => {
      seen.length = 0;
    });

    test('it waits for everything before it, and everything behind waits for it', async () => {
      await runHandler(handler, eventOf([insertOf({ id: 5 }), insertOf({ id: 3 }), gapOf(), insertOf({ id: 0 })]));

      expect(seen).toEqual(['insert 3', 'insert 5', 'gap', 'insert 0']);
    });

    test('nothing runs behind a failure before it, and it does not run either', async () => {
      const { settled } = await runHandler(
        handler,
        eventOf([insertOf({ id: 9 }), insertOf({ id: 3 }), gapOf(), insertOf({ id: 0 })]),
      );

      expect(seen).toEqual(['insert 3']);
      expect(settled).toHaveLength(0);
    });
  });

  test.each([0, 1.5, 1001, Number.NaN])('fails for %s, naming what is allowed', (concurrency) => {
    expect(() => changeHandler<Step>({}, { concurrency })).toThrow(
      `concurrency must be a whole number from 1 to 1000, got ${concurrency}`,
    );
  });
});

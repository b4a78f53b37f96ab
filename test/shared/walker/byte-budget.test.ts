import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byteBudget } from '../../../shared/walker/byte-budget.ts';

const never = new AbortController().signal;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Reservations in the order in which they were admitted. */
function admissions(budget: ReturnType<typeof byteBudget>) {
  const admitted: string[] = [];
  const reserve = (name: string, bytes: number, signal: AbortSignal = never): void => {
    void budget.reserve(bytes, signal).then((isAdmitted) => admitted.push(isAdmitted ? name : `${name} gave up`));
  };
  return { admitted, reserve };
}

describe('a byte budget', () => {
  test('gives what is there at once, to the last byte', async () => {
    const budget = byteBudget(10);

    expect(await budget.reserve(6, never)).toBe(true);
    expect(await budget.reserve(4, never)).toBe(true);
    expect(budget.isTight()).toBe(false);
  });

  test('lets those wait that it has no room for, first come, first served', async () => {
    const budget = byteBudget(10);
    const { admitted, reserve } = admissions(budget);
    reserve('a', 6);
    reserve('b', 5);
    reserve('c', 1);
    await turn();
    expect(admitted).toEqual(['a']);
    expect(budget.isTight()).toBe(true);

    budget.release(1);
    await turn();

    expect(admitted).toEqual(['a', 'b']);
    budget.release(5);
    await turn();
    expect(admitted).toEqual(['a', 'b', 'c']);
    expect(budget.isTight()).toBe(false);
  });

  test('gives a page larger than all of it the whole, and nobody anything beside it', async () => {
    const budget = byteBudget(10);
    const { admitted, reserve } = admissions(budget);
    reserve('small', 1);
    reserve('huge', 50);
    reserve('next', 1);
    await turn();
    expect(admitted).toEqual(['small']);

    budget.release(1);
    await turn();
    expect(admitted).toEqual(['small', 'huge']);

    budget.release(50);
    await turn();
    expect(admitted).toEqual(['small', 'huge', 'next']);
  });

  test('counts what was taken without asking', async () => {
    const budget = byteBudget(10);
    budget.take(10);
    const { admitted, reserve } = admissions(budget);
    reserve('a', 1);
    await turn();
    expect(admitted).toEqual([]);

    budget.release(10);
    await turn();

    expect(admitted).toEqual(['a']);
  });

  test('lets one that gives up make room in the queue, and takes nothing for it', async () => {
    const budget = byteBudget(10);
    const { admitted, reserve } = admissions(budget);
    const impatient = new AbortController();
    reserve('a', 6);
    reserve('b', 9, impatient.signal);
    reserve('c', 4);
    await turn();

    impatient.abort();
    await turn();

    expect(admitted.toSorted()).toEqual(['a', 'b gave up', 'c']);
    expect(budget.isTight()).toBe(false);
  });

  test('gives nothing to one that has given up before it asked', async () => {
    const budget = byteBudget(10);

    expect(await budget.reserve(10, AbortSignal.abort())).toBe(false);
    expect(await budget.reserve(10, never)).toBe(true);
  });

  test('keeps what was admitted, though its owner gives up later', async () => {
    const budget = byteBudget(10);
    const { admitted, reserve } = admissions(budget);
    const late = new AbortController();
    reserve('a', 10);
    reserve('b', 10, late.signal);
    budget.release(10);
    await turn();

    late.abort();
    reserve('c', 1);
    await turn();

    expect(admitted).toEqual(['a', 'b']);
  });

  test('never has more out than it has, but for one that is larger than all of it', async () => {
    const request = fc.record({
      bytes: fc.integer({ min: 1, max: 14 }),
      releases: fc.boolean(),
      givesUp: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 30 }), async (requests) => {
        const budget = byteBudget(10);
        const out: number[] = [];
        const asked = requests.map(({ bytes }) => ({ bytes, signal: new AbortController(), isOut: false }));
        for (const [index, { releases, givesUp }] of requests.entries()) {
          const one = asked[index]!;
          void budget.reserve(one.bytes, one.signal.signal).then((isAdmitted) => isAdmitted && out.push(one.bytes));
          await turn();
          if (releases && out.length > 0) budget.release(out.shift()!);
          if (givesUp) asked[index >> 1]!.signal.abort();
          await turn();
          const sum = out.reduce((total, bytes) => total + bytes, 0);
          expect(sum <= 10 || out.length === 1).toBe(true);
        }
        while (out.length > 0) {
          budget.release(out.shift()!);
          await turn();
        }
        expect(budget.isTight()).toBe(false);
      }),
      { numRuns: 100 },
    );
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparePositions } from '../../../shared/core/position.ts';
import { recordWindow, type Taken } from '../../../shared/core/record-window.ts';

const LANES = 3;

const push = fc.record({
  act: fc.constant('push' as const),
  lane: fc.nat(LANES - 1),
  bytes: fc.integer({ min: 1, max: 40 }),
});
const pass = fc.record({ act: fc.constant('pass' as const) });
const take = fc.record({
  act: fc.constant('take' as const),
  lane: fc.nat(LANES - 1),
  limits: fc.record({ records: fc.integer({ min: 1, max: 4 }), bytes: fc.integer({ min: 1, max: 80 }) }),
});
const settle = fc.record({
  act: fc.constant('settle' as const),
  which: fc.nat(),
  share: fc.integer({ min: 0, max: 4 }),
});

const steps = fc.array(fc.oneof(push, push, push, pass, take, take, settle, settle), { maxLength: 80 });

/** One record as the test knows it. */
interface Truth {
  readonly number: number;
  readonly lane: number | null;
  readonly bytes: number;
  isSettled: boolean;
}

test('whatever the order of settlements, the stored position passes no unsettled record, lanes keep their order, and no byte is lost (I2, I3)', () => {
  fc.assert(
    fc.property(steps, (actions) => {
      const window = recordWindow(LANES);
      const truths: Truth[] = [];
      const out: Taken[] = [];
      let before = window.settledUpTo();

      for (const action of actions) {
        const number = truths.length + 1;
        const record = { sequenceNumber: String(number), createdAtMs: number, body: 'x', arrivedAtMs: number };
        switch (action.act) {
          case 'push':
            window.push({ ...record, bytes: action.bytes, notBefore: undefined }, action.lane);
            truths.push({ number, lane: action.lane, bytes: action.bytes, isSettled: false });
            break;
          case 'pass':
            window.pass({ ...record, bytes: 0, notBefore: undefined });
            truths.push({ number, lane: null, bytes: 0, isSettled: true });
            break;
          case 'take': {
            const isOut = out.some((taken) => taken.lane === action.lane);
            const waiting = truths.filter((truth) => truth.lane === action.lane && !truth.isSettled);
            const taken = window.take(action.lane, action.limits);
            expect(taken === null).toBe(isOut || waiting.length === 0);
            if (taken === null) break;
            const expected = waiting.slice(0, taken.records.length).map((truth) => String(truth.number));
            expect(taken.records.map((each) => each.sequenceNumber)).toEqual(expected);
            out.push(taken);
            break;
          }
          case 'settle': {
            const [taken] = out.splice(action.which % Math.max(1, out.length), 1);
            if (taken === undefined) break;
            const count = Math.min(action.share, taken.records.length);
            window.settle(taken, count);
            for (const each of taken.records.slice(0, count)) truths[Number(each.sequenceNumber) - 1]!.isSettled = true;
            break;
          }
        }

        const unsettled = truths.filter((truth) => !truth.isSettled);
        const settledPrefix = unsettled[0] === undefined ? truths.length : unsettled[0].number - 1;
        const after = window.settledUpTo();
        expect(after?.createdAtMs ?? 0).toBe(settledPrefix);
        expect(after === null).toBe(settledPrefix === 0);
        if (before && after) expect(comparePositions(after.position, before.position)).toBeGreaterThanOrEqual(0);
        before = after;
        expect(window.unsettled()).toBe(unsettled.length);
        expect(window.inFlight()).toBe(out.length);
        expect(window.bytes()).toBe(unsettled.reduce((sum, truth) => sum + truth.bytes, 0));
        for (let lane = 0; lane < LANES; lane++) {
          const inFlight = out.find((taken) => taken.lane === lane)?.records.length ?? 0;
          const ready = unsettled.filter((truth) => truth.lane === lane).slice(inFlight);
          expect(window.ready(lane)).toEqual({
            records: ready.length,
            bytes: ready.reduce((sum, truth) => sum + truth.bytes, 0),
            sinceMs: ready[0]?.number ?? 0,
          });
        }
      }
    }),
    { numRuns: 500 },
  );
});

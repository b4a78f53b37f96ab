import { expect, test } from 'vitest';
import { walk } from '../../shared/walker.ts';
import { MINUTE, SECOND } from '../support/durations.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';
import { simulate } from '../support/simulation/simulation.ts';
import type { World } from '../support/simulation/world.ts';

const { stream } = calmScenario({}, {});

/** A start two minutes after the table's first change, sought by walks of a minute, through many empty pages. */
const sought = (startMs: number) =>
  calmScenario(
    { start: { at: 'time', time: new Date(startMs + 2 * MINUTE).toISOString() } },
    { walkMs: MINUTE, stream: { ...stream, emptyPages: 12, pageRecords: 1 }, calmAtMs: 3 * MINUTE },
  );

test('a seek goes on where the last walk stopped, and ends at its moment through any number of empty pages', async () => {
  let world!: World;
  const positions: unknown[] = [];
  const onWorld = (each: World) => {
    world = each;
    const look = () =>
      void positions.push([...each.ledger.generations.get(1)!.rows.values()].map((row) => row.position));
    each.clock.after(100 * SECOND, look);
  };
  const startMs = Date.parse('2026-01-01T00:00:00Z');

  const { violations, records } = await simulate(1, { walk, scenario: sought(startMs), onWorld });

  const accepted = [...world.ledger.generations.get(1)!.accepted].map((id) => world.ledger.recordOf(id)!.createdAtMs);
  expect(violations).toEqual([]);
  expect(world.startMs).toBe(startMs);
  expect(positions).toEqual([
    [expect.objectContaining({ at: 'after-sequence-number', notBefore: startMs + 2 * MINUTE })],
  ]);
  expect(accepted.length).toBeLessThan(records);
  expect(Math.min(...accepted) - startMs).toBeGreaterThanOrEqual(2 * MINUTE);
});

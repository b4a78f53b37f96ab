import { expect, test } from 'vitest';
import { walk } from '../../shared/walker.ts';
import { HOUR, MINUTE, SECOND } from '../support/durations.ts';
import { NO_FAULTS } from '../support/simulation/fault-rates.ts';
import { type LagReading, lagWatch } from '../support/simulation/lag-watch.ts';
import { type Incident, type Scenario, scenarioOf } from '../support/simulation/scenario.ts';
import { simulate } from '../support/simulation/simulation.ts';

const SEEDS = 12;
const ALARM_MS = 3 * MINUTE;
/** An alarm looks at several minutes: after a rewind, shards may hold old records until they have been read once. */
const ALARM_AFTER_MS = MINUTE;
/** Clocks that differ, rows of other walks that are seconds old, times rounded down to the second. */
const SLACK_MS = MINUTE;
/** After a backlog has gone, rows of other walks and a first caught-up moment take so long. */
const SETTLING_MS = 3 * MINUTE;
const STUCK = { fromMs: 6 * MINUTE, untilMs: 15 * MINUTE };

/** What keeps shards from being read: a paused subscription, and a new stream's gap, which the handler is told first. */
const STOPS_READING: readonly Incident['what'][] = ['pause', 'disable-stream', 'drop-table'];

/** A seed's own trouble, stretched over twenty minutes, with few writes, and fewer empty pages than make a shard idle. */
function scenario(seed: number): Scenario {
  const drawn = scenarioOf(seed);
  return {
    ...drawn,
    outage: null,
    writeEveryMs: drawn.writeEveryMs * 20,
    stream: { ...drawn.stream, emptyPages: Math.min(9, drawn.stream.emptyPages) },
    incidents: drawn.incidents
      .filter(({ atMs }) => atMs < 3 * MINUTE)
      .map((incident) => ({ ...incident, atMs: incident.atMs * 6 })),
    calmAtMs: 20 * MINUTE,
    endAtMs: 80 * MINUTE,
  };
}

/** What walks say of their lag while the handler fails for nine minutes. */
async function readingsOf(chosen: Scenario): Promise<readonly LagReading[]> {
  const { watch, readings } = lagWatch((sinceMs) => sinceMs >= STUCK.fromMs && sinceMs < STUCK.untilMs);
  const { violations } = await simulate(chosen.seed, { walk, sabotage: watch, scenario: chosen });
  expect(violations).toEqual([]);
  return readings;
}

const seeds = Array.from({ length: SEEDS }, (_, index) => index + 1);

test('whatever fails, the alarm is on while an unread record ages', async () => {
  let old = 0;
  for (const seed of seeds) {
    for (const { atMs, lagMs, oldestMs } of await readingsOf(scenario(seed))) {
      if (oldestMs <= ALARM_MS + SLACK_MS) continue;
      old++;
      expect(lagMs, `seed ${seed} at ${atMs}`).toBeGreaterThan(ALARM_MS);
    }
  }
  expect(old).toBeGreaterThan(300);
}, 120_000);

test('while shards are read, the alarm is on only when an unread record ages', async () => {
  let on = 0;
  for (const seed of seeds) {
    const drawn = scenario(seed);
    const { handlerPartial, handlerThrows, handlerSlow, handlerHangs, sinkNotStarted, sinkLost } = drawn.faults;
    const faults = { handlerPartial, handlerThrows, handlerSlow, handlerHangs, sinkNotStarted, sinkLost };
    const incidents = drawn.incidents.filter(({ what }) => !STOPS_READING.includes(what));
    const readings = await readingsOf({ ...drawn, incidents, faults: { ...NO_FAULTS, ...faults } });
    let agedAtMs = Number.NEGATIVE_INFINITY;
    let offAtMs = 0;
    for (const { atMs, lagMs, oldestMs } of readings) {
      if (oldestMs > ALARM_MS - SLACK_MS) agedAtMs = atMs;
      if (lagMs <= ALARM_MS) offAtMs = atMs;
      if (atMs - offAtMs < ALARM_AFTER_MS) continue;
      on++;
      expect(atMs - agedAtMs, `seed ${seed} at ${atMs}`).toBeLessThan(SETTLING_MS);
    }
  }
  expect(on).toBeGreaterThan(300);
}, 120_000);

test('through a night without a change the lag never passes the time between two walks, though shards roll', async () => {
  const quiet: Scenario = {
    ...scenarioOf(1),
    faults: NO_FAULTS,
    outage: null,
    writeEveryMs: 1_000 * HOUR,
    isFiltered: false,
    skewMs: 0,
    incidents: [
      { atMs: HOUR, what: 'roll' },
      { atMs: 3 * HOUR, what: 'split' },
    ],
    calmAtMs: 5 * HOUR,
    endAtMs: 6 * HOUR,
  };
  const { watch, readings } = lagWatch(() => false);

  await simulate(1, { walk, sabotage: watch, scenario: quiet });

  expect(readings.length).toBeGreaterThan(300);
  expect(Math.max(...readings.map(({ lagMs }) => lagMs))).toBeLessThan(2 * MINUTE + 30 * SECOND);
}, 60_000);

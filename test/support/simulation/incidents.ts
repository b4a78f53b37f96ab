import { acceptHaltedGaps, operate } from './operator.ts';
import type { Incident, Scenario } from './scenario.ts';
import type { World } from './world.ts';

/** Lets the table and the operator do what the scenario says, where that is possible at the time. */
export function scheduleIncidents(world: World, scenario: Scenario): void {
  const { clock, trace } = world;
  const { subscription } = scenario.request;
  for (const { atMs, what } of scenario.incidents) {
    clock.after(atMs, () => {
      trace(() => `INCIDENT: ${what}`);
      if (!happen(world, what)) void operate(world, subscription, what);
    });
  }
  clock.after(scenario.calmAtMs, () => {
    const { stream } = world;
    if (!stream.tableExists()) stream.createTable();
    if (!stream.live()) stream.enable();
    void operate(world, subscription, 'resume');
    if (scenario.request.onGap === 'halt') acceptHaltedGaps(world, subscription);
    trace(() => 'it is CALM from now on');
  });
}

/** What happens to the table; false when it is nothing of the table. */
function happen({ stream, random }: World, what: Incident['what']): boolean {
  const open = stream.openShards();
  switch (what) {
    case 'roll':
      if (open.length > 0) stream.roll(random.pick(open).shardId);
      return true;
    case 'split':
      if (open.length > 0 && open.length < 8) stream.split(random.pick(open).shardId);
      return true;
    case 'merge': {
      const pairs = open.flatMap((a) => open.filter((b) => a.to === b.from).map((b) => [a, b] as const));
      if (pairs.length > 0) stream.merge(...(random.pick(pairs).map(({ shardId }) => shardId) as [string, string]));
      return true;
    }
    case 'disable-stream':
      if (stream.live()) stream.disable();
      return true;
    case 'enable-stream':
      if (stream.tableExists() && !stream.live()) stream.enable();
      return true;
    case 'drop-table':
      if (stream.tableExists()) stream.dropTable();
      return true;
    case 'create-table':
      if (!stream.tableExists()) {
        stream.createTable();
        stream.enable();
      }
      return true;
    default:
      return false;
  }
}

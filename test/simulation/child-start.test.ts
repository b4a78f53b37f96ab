import { expect, test } from 'vitest';
import type { Source, State, Written } from '../../shared/core/ports.ts';
import { walk } from '../../shared/walker.ts';
import { MINUTE, SECOND } from '../support/durations.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';
import type { Process } from '../support/simulation/process.ts';
import { type Sabotage, simulate } from '../support/simulation/simulation.ts';
import type { World } from '../support/simulation/world.ts';

/** Two workers that stay, and one shard that a roll closes after ten seconds. */
const scenario = calmScenario(
  { workers: 2, keepAwake: true },
  { incidents: [{ atMs: 10 * SECOND, what: 'roll' }], calmAtMs: 3 * MINUTE },
);

type Send = () => Promise<Written>;

/** What happens to the write that ends the parent, each time that it is made. */
type Ending = (send: Send, world: World, attempt: number) => Promise<Written>;

const LOST = new Error('simulated: no answer');

const late: Ending = async (send, { clock }) => {
  await clock.sleep(70 * SECOND);
  return send();
};

const answeredLate: Ending = async (send, { clock }) => {
  const answer = await send();
  await clock.sleep(70 * SECOND);
  return answer;
};

const unanswered: Ending = async (send) => {
  await send();
  throw LOST;
};

const refusedForLong: Ending = async (send, _world, attempt) => {
  if (attempt < 6) throw LOST;
  return send();
};

const repeatedAndLate: Ending = async (send, { clock }, attempt) => {
  if (attempt > 3) return send();
  clock.after(10 * SECOND, () => void send());
  throw LOST;
};

interface Run {
  readonly ending?: Ending;
  /** Whether the parent's last page comes only after a listing has shown the child. */
  readonly isListed: boolean;
}

/** Both workers beside a parent that ends in this way: what came too early, and who saw the child wait. */
async function endParent({ ending = (send) => send(), isListed }: Run) {
  let world!: World;
  let attempts = 0;
  const early: string[] = [];
  const sawChildWait = new Set<number>();
  const readers = new Set<string>();
  const parent = () => world.stream.lives[0]!.shards.keys().next().value!;
  const rowOf = (shardId: string) => world.ledger.generations.get(1)?.rows.get(shardId);
  const isEnded = () => rowOf(parent())?.position.at === 'shard-end';
  const isChild = (shardId: string) => world.ledger.shard(shardId)?.parents.includes(parent()) ?? false;
  const watch = (process: Process, what: string, shardId: string) => {
    if (!isChild(shardId)) return;
    readers.add(shardId);
    if (!isEnded()) early.push(`${process.name} ${what} ${shardId}`);
  };

  const watched = (source: Source, process: Process): Source => {
    const shardOf = new Map<string, string>();
    return {
      ...source,
      open: async (stream, shardId, position) => {
        watch(process, 'opens', shardId);
        const opened = await source.open(stream, shardId, position);
        if (opened.kind === 'opened') shardOf.set(opened.iterator, shardId);
        return opened;
      },
      read: async (stream, iterator) => {
        const shardId = shardOf.get(iterator)!;
        watch(process, 'reads', shardId);
        const page = await source.read(stream, iterator);
        if (page.kind !== 'page') return page;
        if (page.next !== null) shardOf.set(page.next, shardId);
        const isChildKnown = () => [...(world.ledger.generations.get(1)?.rows.keys() ?? [])].some(isChild);
        const isLast = page.next === null && shardId === parent();
        while (isLast && isListed && !(isChildKnown() && sawChildWait.size === 2)) await world.clock.sleep(SECOND);
        return page;
      },
    };
  };
  const ended = (state: State, process: Process): State => {
    const end = (shardId: string, at: string, send: Send): Promise<Written> =>
      shardId === parent() && at === 'shard-end' ? ending(send, world, attempts++) : send();
    return {
      ...state,
      leases: async (key) => {
        const rows = await state.leases(key);
        if (rows.some(({ shardId }) => isChild(shardId)) && !isEnded()) sawChildWait.add(process.worker);
        return rows;
      },
      updateLease: (key, previous, next) =>
        end(next.shardId, next.position.at, () => state.updateLease(key, previous, next)),
      finishLease: (key, previous, next, children) =>
        end(next.shardId, next.position.at, () => state.finishLease(key, previous, next, children)),
    };
  };
  const sabotage: Sabotage = (ports, process) => ({
    ...ports,
    source: watched(ports.source, process),
    state: ended(ports.state, process),
    sink: {
      deliver: (batch) => {
        watch(process, 'delivers', batch.shardId);
        return ports.sink.deliver(batch);
      },
    },
  });
  const onWorld = (each: World) => {
    world = each;
  };
  const { violations } = await simulate(1, { walk, scenario, sabotage, onWorld });
  return { violations, early, sawChildWait, attempts, read: readers.size };
}

interface Case {
  readonly how: string;
  readonly ending?: Ending;
  /** How often the end is written at the least. */
  readonly attempts: number;
}

const LATE: readonly Case[] = [
  { how: 'the write of its end is late', ending: late, attempts: 2 },
  { how: 'the write of its end fails six times', ending: refusedForLong, attempts: 7 },
  { how: 'its end is written again and again late', ending: repeatedAndLate, attempts: 2 },
];

const CASES: readonly Case[] = [
  { how: 'its last page is late', attempts: 1 },
  { how: 'the write of its end is answered late', ending: answeredLate, attempts: 1 },
  { how: 'no write of its end is answered', ending: unanswered, attempts: 1 },
  ...LATE,
];

test.each(CASES)(
  'no worker reads a listed child before the end of its parent is stored, when $how',
  async ({ attempts, ...rest }) => {
    const run = await endParent({ ...rest, isListed: true });

    expect(run.violations).toEqual([]);
    expect(run.early).toEqual([]);
    expect([...run.sawChildWait].sort()).toEqual([0, 1]);
    expect(run.attempts).toBeGreaterThanOrEqual(attempts);
    expect(run.read).toBe(1);
  },
);

test.each(LATE)(
  'no worker reads a child that its parent makes known before the end is stored, when $how',
  async ({ attempts, ...rest }) => {
    const run = await endParent({ ...rest, isListed: false });

    expect(run.violations).toEqual([]);
    expect(run.early).toEqual([]);
    expect(run.attempts).toBeGreaterThanOrEqual(attempts);
    expect(run.read).toBe(1);
  },
);

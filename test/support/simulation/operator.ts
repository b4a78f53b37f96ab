import type { Start } from '../../../shared/core/subscription.ts';
import { acceptGap } from '../../../shared/operations/gap-acceptance.ts';
import { setPaused } from '../../../shared/operations/pause.ts';
import { rewind } from '../../../shared/operations/rewind.ts';
import type { Incident } from './scenario.ts';
import type { World } from './world.ts';

const LOOK_EVERY_MS = 20_000;
const WAIT_MS = 60_000;

/** What an operator does: with the real operations, or as their last write alone, while walks run. */
export async function operate(world: World, subscription: string, what: Incident['what']): Promise<void> {
  const { clock, random } = world;
  if (what === 'pause' || what === 'resume') {
    await setPaused(world, subscription, what === 'pause');
    return;
  }
  const start = startOf(what, clock.nowMs(), random.whole(0, 120_000));
  if (start === null) return;
  if (random.chance(0.5)) return switchPointer(world, subscription, start);
  await setPaused(world, subscription, true);
  const result = await rewind(world, subscription, { start }, { waitMs: WAIT_MS });
  world.trace(() => `the operator's rewind is ${result.kind}`);
  await setPaused(world, subscription, false);
}

/** Lets every shard that is halted go on, sooner or later. */
export function acceptHaltedGaps(world: World, subscription: string): void {
  const { clock, random, ledger } = world;
  const look = async (): Promise<void> => {
    clock.after(LOOK_EVERY_MS, () => void look());
    for (const gapId of ledger.haltedAt()) {
      const result = await acceptGap(world, subscription, gapId, { by: 'operator', tellHandler: random.chance(0.5) });
      world.trace(() => `the operator accepts gap ${gapId}: ${result.kind}`);
    }
  };
  void look();
}

function startOf(what: Incident['what'], nowMs: number, backMs: number): Start | null {
  const second = (ms: number) => Math.floor(ms / 1_000) * 1_000;
  switch (what) {
    case 'rewind-to-trim-horizon':
      return { at: 'trim-horizon' };
    case 'rewind-to-time':
      return { at: 'time', momentMs: second(nowMs - backMs) };
    case 'rewind-to-latest':
      return { at: 'latest', momentMs: second(nowMs) - 5_000 };
    default:
      return null;
  }
}

/** The one conditional write by which a generation begins, without waiting for anybody. */
async function switchPointer({ state, clock }: World, subscription: string, start: Start): Promise<void> {
  const pointer = await state.pointer(subscription);
  if (pointer === null) return;
  const next = {
    ...pointer,
    revision: pointer.revision + 1,
    generation: pointer.generation + 1,
    start,
    startedAtMs: clock.nowMs(),
    isPreviousFree: false,
  };
  await state.putControl(subscription, next, pointer.revision);
}

import type { State } from '../../../shared/core/ports.ts';
import type { Random } from '../../../shared/testing/simulated-random.ts';
import type { Process } from './process.ts';
import { strike } from './strike.ts';
import { changed, type World } from './world.ts';

const WRITES = new Set([
  'putControl',
  'createLeases',
  'updateLease',
  'finishLease',
  'requestLease',
  'expireLeases',
  'putGap',
  'acceptGap',
]);

/** The state as one walk gets it: writes fail before, after and long before they take place. */
export function faultyState(world: World, process: Process, random: Random): State {
  const { state, rates, trace, clock, fault } = world;
  const call = async <T>(name: keyof State, text: () => string, effect: () => Promise<T>): Promise<T> => {
    const act = () => world.as(process, effect);
    const { stateFails, stateAmbiguous, stateLate } = rates();
    const trip = strike(world, process, random);
    const fails = (how: string, then: () => Promise<unknown>) => {
      fault();
      trace(() => `${process.name} ${name} ${text()} FAILS ${how}`);
      return process.call<T>(
        name,
        async () => {
          await then();
          throw new Error(`simulated failure of ${name}`);
        },
        trip,
      );
    };
    if (random.chance(stateFails)) return fails('before it takes place', async () => undefined);
    if (WRITES.has(name) && random.chance(stateAmbiguous)) return fails('after it took place', act);
    if (WRITES.has(name) && random.chance(stateLate)) {
      const delayMs = random.whole(50, 30_000);
      return fails(`and takes place ${delayMs} ms later`, async () => {
        clock.after(delayMs, () => void act());
      });
    }
    const result = await process.call(name, act, trip);
    trace(() => `${process.name} ${name} ${text()} -> ${JSON.stringify(result)?.slice(0, 200) ?? 'done'}`);
    return result;
  };
  return {
    control: (subscription) =>
      call(
        'control',
        () => '',
        () => state.control(subscription),
      ),
    pointer: (subscription) =>
      call(
        'pointer',
        () => '',
        () => state.pointer(subscription),
      ),
    putControl: (subscription, next, revision) =>
      call(
        'putControl',
        () => JSON.stringify(next),
        () => state.putControl(subscription, next, revision),
      ),
    leases: (key) =>
      call(
        'leases',
        () => '',
        () => state.leases(key),
      ),
    lease: (key, shardId) =>
      call(
        'lease',
        () => shardId,
        () => state.lease(key, shardId),
      ),
    createLeases: (key, leases) =>
      call(
        'createLeases',
        () => leases.map(({ shardId }) => shardId).join(),
        () => state.createLeases(key, leases),
      ),
    updateLease: (key, previous, next) =>
      call(
        'updateLease',
        () => changed(previous, next),
        () => state.updateLease(key, previous, next),
      ),
    finishLease: (key, previous, next, children) =>
      call(
        'finishLease',
        () => `${changed(previous, next)} children ${children.map(({ shardId }) => shardId).join()}`,
        () => state.finishLease(key, previous, next, children),
      ),
    requestLease: (key, lease, claimant) =>
      call(
        'requestLease',
        () => `${lease.shardId} for ${claimant}`,
        () => state.requestLease(key, lease, claimant),
      ),
    expireLeases: (key, shardIds, removeAtMs) =>
      call(
        'expireLeases',
        () => shardIds.join(),
        () => state.expireLeases(key, shardIds, removeAtMs),
      ),
    putGap: (subscription, gap) =>
      call(
        'putGap',
        () => gap.id,
        () => state.putGap(subscription, gap),
      ),
    gaps: (subscription) =>
      call(
        'gaps',
        () => '',
        () => state.gaps(subscription),
      ),
    acceptGap: (key, previous, next, acceptance) =>
      call(
        'acceptGap',
        () => changed(previous, next),
        () => state.acceptGap(key, previous, next, acceptance),
      ),
  };
}

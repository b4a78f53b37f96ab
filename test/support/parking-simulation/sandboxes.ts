import { Logger } from '@aws-lambda-powertools/logger';
import type { ParkingPorts } from '../../../shared/core/parking.ts';
import type { EventRecord } from '../../../shared/core/record.ts';
import { retryLater } from '../../../shared/core/retry-later.ts';
import {
  type ChangeHandler,
  changeHandler,
  type HandlerResponse,
  type IncomingEvent,
} from '../../../shared/handler.ts';
import { parkingOf } from '../../../shared/parking/parking-of.ts';
import type { Random } from '../../../shared/testing/simulated-random.ts';
import { type Process, simulatedProcess } from '../simulation/process.ts';
import { faultyStore } from './faulty-store.ts';
import type { ParkingWorld } from './world.ts';

/** Runs the function; resolves with its answer, or `null` when it threw, died, or was ended at its timeout. */
export type Invoke = (name: string, event: IncomingEvent) => Promise<HandlerResponse | null>;

/** One place where the function runs: one invocation at a time, its memory kept between them. */
interface Sandbox {
  readonly handler: ChangeHandler;
  isBusy: boolean;
  run: { readonly process: Process; readonly ports: ParkingPorts } | null;
}

interface Change {
  readonly raw: EventRecord;
  readonly sequenceNumber: string;
}

/** Lambda's part: finds or makes a sandbox, ends it at its timeout, and throws it away when its process died. */
export function sandboxes(world: ParkingWorld): Invoke {
  const { clock, scenario, trace } = world;
  const free: Sandbox[] = [];
  let count = 0;

  const newSandbox = (): Sandbox => {
    const parking = parkingOf(() => sandbox.run?.ports ?? null, scenario.limits);
    const take = ({ raw }: Pick<Change, 'raw'>) => userFunction(world, sandbox.run!.process, raw);
    const functions = {
      each: { insert: take, modify: take, remove: take },
      batch: { batch: takeAll(take, world.random.fork()) },
      batchPerItem: { batchPerItem: takeAll(take, world.random.fork()) },
    }[scenario.grouping];
    const options = { parking, concurrency: scenario.concurrency, logger: new Logger({ logLevel: 'SILENT' }) };
    const sandbox: Sandbox = { handler: changeHandler<object>(functions, options), isBusy: false, run: null };
    return sandbox;
  };

  return (name, event) =>
    new Promise((resolve) => {
      const sandbox = free.pop() ?? newSandbox();
      const random = world.random.fork();
      const skewMs = random.whole(-scenario.skewMs, scenario.skewMs);
      const process = simulatedProcess({ name: `${name} (${++count})`, worker: 0, clock, skewMs });
      const endsAtMs = clock.nowMs() + scenario.timeoutMs;
      let isOver = false;
      const end = (answer: HandlerResponse | null, why: string) => {
        if (isOver) return;
        isOver = true;
        dropTimeout();
        // Nothing of an invocation runs on in the next one: Lambda freezes what is left.
        process.crash();
        if (answer !== null) free.push(sandbox);
        trace(() => `${process.name} ends: ${why} ${JSON.stringify(answer)}`);
        resolve(answer);
      };
      const crash = () => {
        if (isOver || process.isDead()) return;
        trace(() => `${process.name} CRASHES`);
        process.crash();
        clock.after(random.whole(0, 1_000), () => end(null, 'died'));
      };
      const dropTimeout = clock.after(scenario.timeoutMs, () => end(null, 'timed out'));
      let ids = 0;
      sandbox.run = {
        process,
        ports: {
          store: faultyStore(world, process, random, crash),
          clock: process.clock,
          newId: () => `${process.name}-${++ids}`,
          random: random.next,
        },
      };
      trace(() => `${process.name} starts with ${event.Records.length} records`);
      sandbox
        .handler(JSON.parse(JSON.stringify(event)), { getRemainingTimeInMillis: () => endsAtMs - clock.nowMs() })
        .then(
          (answer) => end(answer, 'answered'),
          (error: unknown) => end(null, `threw ${error}`),
        );
    });
}

/** A function for many changes: it leaves out what is behind a failure of its item, and throws or returns the failures. */
const takeAll =
  (take: (change: Change) => Promise<void>, random: Random) =>
  async (changes: readonly Change[]): Promise<{ readonly failed: readonly Change[] }> => {
    const failed = new Map<string, Change[]>();
    let error: unknown;
    for (const change of changes) {
      const item = JSON.stringify(change.raw.dynamodb.Keys);
      const behind = failed.get(item);
      if (behind) behind.push(change);
      else {
        await take(change).catch((cause: unknown) => {
          error = cause;
          failed.set(item, [change]);
        });
      }
    }
    if (error !== undefined && random.chance(0.5)) throw error;
    return { failed: [...failed.values()].flat() };
  };

/** What the user wrote: slow, flaky, hanging, unable to take some items for a while, or without what it needs. */
async function userFunction(world: ParkingWorld, process: Process, record: EventRecord): Promise<void> {
  const { scenario, clock, startMs, random, ledger, trace, isCalm } = world;
  const { flaky, hang } = world.faults();
  const { pk } = record.dynamodb.Keys ?? {};
  const key = pk && 'S' in pk ? pk.S : '';
  const run = ledger.given(process, record.eventID);
  trace(() => `${process.name} is GIVEN ${record.eventID} of ${key}`);
  const isFlaky = random.chance(flaky);
  if (random.chance(hang)) await process.clock.sleep(24 * 3_600_000);
  await process.clock.sleep(random.whole(0, scenario.recordMs));
  const atMs = clock.nowMs() - startMs;
  const isNow = ({ fromMs, untilMs }: { fromMs: number; untilMs: number }) => fromMs <= atMs && atMs < untilMs;
  const outage = isCalm() ? undefined : scenario.outages.find(isNow);
  const isPoison = !isCalm() && (scenario.poison.get(key) ?? []).some(isNow);
  const isAccepted = !(isFlaky || isPoison || outage);
  run.ended(isAccepted);
  trace(() => `${process.name} ${isAccepted ? 'ACCEPTS' : 'refuses'} ${record.eventID} of ${key}`);
  if (isAccepted) return;
  const error = new Error(`simulated: ${key} cannot be taken`);
  throw outage?.isMarked ? retryLater(error) : error;
}

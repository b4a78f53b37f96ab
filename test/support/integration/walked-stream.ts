import { IncreaseStreamRetentionPeriodCommand } from '@aws-sdk/client-kinesis';
import { onTestFinished, vi } from 'vitest';
import { kinesisSource } from '../../../shared/aws/kinesis-source.ts';
import { systemClock } from '../../../shared/clock.ts';
import type { Clock } from '../../../shared/core/ports.ts';
import type { WalkRequestInput } from '../../../shared/request.ts';
import { MINUTE } from '../durations.ts';
import { sharedDynamoDbLocal } from '../dynamodb-local.ts';
import { aStream, type TestStream } from '../kinesalite.ts';
import { arrivals } from './arrivals.ts';
import { writeFeed } from './feed-writes.ts';
import { createStateTable, requestInput, startWalk } from './walk-runner.ts';
import { PATIENT, type WalkedSource, type WalkedSourceOptions } from './walked-source.ts';

export interface WalkedStreamOptions extends WalkedSourceOptions {
  readonly shards?: number;
}

/** A Kinesis stream, and a subscription to it. */
export interface WalkedStream extends WalkedSource {
  readonly stream: TestStream;
  /** Makes its retention longer. */
  readonly keepFor: (hours: number) => Promise<unknown>;
}

export async function walkedStream(
  changes: Partial<WalkRequestInput> = {},
  { shards = 1, speed = 10 }: WalkedStreamOptions = {},
): Promise<WalkedStream> {
  const engine = await sharedDynamoDbLocal();
  const stateTable = await createStateTable(engine);
  const { clock, passes, ages } = fakeTime(speed);
  const stream = await aStream(shards);
  const { client, streamName } = stream;
  const { all: arrived, handler } = arrivals();
  const asSource = { kind: 'kinesis', streamName, region: 'us-east-1' } as const;
  const request = requestInput(stateTable, '', { source: asSource, ...PATIENT, ...changes });
  const newSource = () => kinesisSource({ client, streamName, readers: 1, nowMs: clock.nowMs });
  return {
    ...{ stream, arrived, clock, passes, ages },
    source: newSource(),
    key: async () => {
      const current = await newSource().current();
      if (current.kind !== 'stream') throw new Error(current.message);
      return { subscription: request.subscription, generation: 1, stream: current.stream };
    },
    write: (round) => writeFeed(stream, { items: 2, fromRound: round, rounds: 1 }),
    writeAll: (writes) => writeFeed(stream, writes),
    reshard: async () => {
      for (const shard of await stream.openShards()) await stream.split(shard.ShardId ?? '');
    },
    keepFor: (hours) =>
      client.send(new IncreaseStreamRetentionPeriodCommand({ StreamName: streamName, RetentionPeriodHours: hours })),
    start: (more = {}, handle = handler, asked = {}) => {
      const ports = { source: newSource(), ...more };
      const walkMs = 60 * MINUTE;
      return startWalk({ engine, request: { ...request, ...asked }, handler: handle, clock, walkMs, ports });
    },
  };
}

/** The time of this process, which the engine in it goes by, and of walks, which may be behind it. */
function fakeTime(speed: number) {
  const real = Date.now;
  const startMs = real();
  let forwardMs = 0;
  let behindMs = 0;
  const faked = vi.spyOn(Date, 'now').mockImplementation(() => {
    return Math.floor(startMs + forwardMs + (real() - startMs) * speed);
  });
  onTestFinished(() => faked.mockRestore());
  const clock: Clock = {
    nowMs: () => Date.now() - behindMs,
    sleep: (ms, signal) => systemClock.sleep(ms / speed, signal),
  };
  return {
    clock,
    passes: async (ms: number): Promise<void> => {
      forwardMs += ms;
    },
    ages: async (ms: number): Promise<void> => {
      forwardMs += ms;
      behindMs += ms;
    },
  };
}

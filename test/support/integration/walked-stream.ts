import { IncreaseStreamRetentionPeriodCommand } from '@aws-sdk/client-kinesis';
import { onTestFinished, vi } from 'vitest';
import { kinesisSource } from '../../../shared/aws/kinesis-source.ts';
import { systemClock } from '../../../shared/clock.ts';
import type { Clock } from '../../../shared/core/ports.ts';
import type { ChangeEvent } from '../../../shared/core/record.ts';
import type { WalkRequestInput } from '../../../shared/request.ts';
import type { WalkPorts } from '../../../shared/walker.ts';
import { MINUTE } from '../durations.ts';
import { sharedDynamoDbLocal } from '../dynamodb-local.ts';
import { aStream } from '../kinesalite.ts';
import { arrivals } from './arrivals.ts';
import { writeFeed } from './feed-writes.ts';
import { createStateTable, requestInput, startWalk } from './walk-runner.ts';

/** Long enough for a busy machine in spite of the clock's speed. */
const PATIENT = {
  leaseDurationMs: 15 * MINUTE,
  deliveryMarginMs: 5 * MINUTE,
  handler: { functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:orders', timeoutMs: 5 * MINUTE },
};

export interface WalkedStreamOptions {
  readonly shards?: number;
  /** How much faster than the machine's the time of the test passes. @default 10 */
  readonly speed?: number;
}

/** A Kinesis stream, a subscription to it, and one time for both that passes quickly and can be put forward. */
export async function walkedStream(
  changes: Partial<WalkRequestInput> = {},
  { shards = 1, speed = 10 }: WalkedStreamOptions = {},
) {
  const engine = await sharedDynamoDbLocal();
  const stateTable = await createStateTable(engine);
  const { clock, passes } = fakeTime(speed);
  const stream = await aStream(shards);
  const { client, streamName } = stream;
  const { all: arrived, handler } = arrivals();
  const source = { kind: 'kinesis', streamName, region: 'us-east-1' } as const;
  const request = requestInput(stateTable, '', { source, ...PATIENT, ...changes });
  return {
    stream,
    arrived,
    clock,
    /** Time passes in the engine, whose records grow old, and for walks. */
    passes,
    /** A change of each of two items. */
    write: (round: number) => writeFeed(stream, { items: 2, fromRound: round, rounds: 1 }),
    keepFor: (hours: number) =>
      client.send(new IncreaseStreamRetentionPeriodCommand({ StreamName: streamName, RetentionPeriodHours: hours })),
    start: (
      more: Partial<WalkPorts> = {},
      handle: (event: ChangeEvent) => unknown = handler,
      asked: Partial<WalkRequestInput> = {},
    ) => {
      const ports = { source: kinesisSource({ client, streamName, readers: 1, nowMs: clock.nowMs }), ...more };
      return startWalk({
        engine,
        request: { ...request, ...asked },
        handler: handle,
        clock,
        walkMs: 60 * MINUTE,
        ports,
      });
    },
  };
}

/** The time of this process, which the engine in it goes by. */
function fakeTime(speed: number) {
  const real = Date.now;
  const startMs = real();
  let forwardMs = 0;
  const faked = vi.spyOn(Date, 'now').mockImplementation(() => {
    return Math.floor(startMs + forwardMs + (real() - startMs) * speed);
  });
  onTestFinished(() => faked.mockRestore());
  const clock: Clock = {
    nowMs: () => Date.now(),
    sleep: (ms, signal) => systemClock.sleep(ms / speed, signal),
  };
  return {
    clock,
    passes: (ms: number): void => {
      forwardMs += ms;
    },
  };
}

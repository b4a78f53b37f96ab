import { expect, test } from 'vitest';
import { previewRewind, rewind } from '../../../shared/operations.ts';
import { aStreamRow, aSubscription, HOUR, leaseOfShard, NOW } from './a-subscription.ts';

const DAY = 24 * HOUR;
const since = (momentMs: number) => ({ start: { at: 'time', momentMs } }) as const;
/** A Kinesis stream that keeps its records for a week. */
const aWeekOf = () =>
  aSubscription({
    streams: [aStreamRow({ retentionMs: 7 * DAY })],
    leases: [{ ...leaseOfShard('shard-a'), lastRecordAtMs: NOW - 2 * DAY }],
  });

test('a rewind reaches as far back as the stream keeps its records, beyond a day', async () => {
  const { ports } = await aWeekOf();

  const reached = await previewRewind(ports, 'orders', since(NOW - 5 * DAY));
  const beyond = await previewRewind(ports, 'orders', since(NOW - 9 * DAY));

  const again = { againFromMs: NOW - 5 * DAY, againToMs: NOW - 2 * DAY };
  expect(reached).toMatchObject({ kind: 'plan', plan: { ...again, goneBeforeMs: null } });
  expect(beyond).toMatchObject({ plan: { againFromMs: NOW - 7 * DAY, goneBeforeMs: NOW - 7 * DAY } });
});

test('the generation that begins there is told how long that is', async () => {
  const { ports, state } = await aWeekOf();

  await rewind(ports, 'orders', since(NOW - 5 * DAY));

  expect(await state.control('orders')).toContainEqual(
    aStreamRow({ generation: 2, revision: 0, isFirstListingComplete: false, listedAtMs: 0, retentionMs: 7 * DAY }),
  );
});

import { describe, expect, test } from 'vitest';
import { afterSequenceNumber } from '../../shared/core/position.ts';
import { acceptGap, exportPositions, previewRewind, rewind, setPaused } from '../../shared/operations.ts';
import {
  aStreamRow,
  aSubscription,
  GAP,
  HOUR,
  KEY,
  LEASES,
  leaseOfShard,
  NOW,
  POINTER,
  SECOND,
  STREAM,
} from './operations/a-subscription.ts';

const TIME = { start: { at: 'time', momentMs: NOW - 90 * 60 * SECOND } } as const;

describe('pausing', () => {
  test('writes the pointer once, and resuming writes it back', async () => {
    const { ports, state } = await aSubscription({ pointer: { isPaused: false } });

    expect(await setPaused(ports, 'orders', true)).toMatchObject({ kind: 'done' });
    expect(await state.pointer('orders')).toEqual({ ...POINTER, isPaused: true, revision: 4 });
    expect(await setPaused(ports, 'orders', true)).toMatchObject({ kind: 'already' });
    expect(await setPaused(ports, 'orders', false)).toMatchObject({ kind: 'done' });
    expect(await state.pointer('orders')).toEqual({ ...POINTER, isPaused: false, revision: 5 });
  });

  test('writes over nothing that came in between', async () => {
    const { ports, state } = await aSubscription({ pointer: { isPaused: false } });
    let isFirst = true;
    const racing: typeof state = {
      ...state,
      putControl: async (subscription, next, revision) => {
        if (isFirst) {
          isFirst = false;
          await state.putControl('orders', { ...POINTER, isPaused: false, generation: 2, revision: 4 }, 3);
        }
        return state.putControl(subscription, next, revision);
      },
    };

    await setPaused({ ...ports, state: racing }, 'orders', true);

    expect(await state.pointer('orders')).toEqual({ ...POINTER, isPaused: true, generation: 2, revision: 5 });
  });

  test('of a subscription that nothing ever began changes nothing', async () => {
    const { ports, state } = await aSubscription();

    expect(await setPaused(ports, 'customers', true)).toEqual({ kind: 'unknown' });
    expect(await state.control('customers')).toEqual([]);
  });
});

describe('rewinding', () => {
  test('begins a new generation at the time, with the stream to list anew, and stays paused', async () => {
    const { ports, state } = await aSubscription();

    const result = await rewind(ports, 'orders', TIME);

    const pointer = {
      ...POINTER,
      ...TIME,
      generation: 2,
      revision: 4,
      startedAtMs: NOW,
      isPreviousFree: false,
    };
    expect(result).toMatchObject({ kind: 'done', pointer });
    expect(await state.pointer('orders')).toEqual(pointer);
    expect(await state.control('orders')).toContainEqual(
      aStreamRow({ generation: 2, revision: 0, isFirstListingComplete: false, listedAtMs: 0 }),
    );
    expect(await state.leases({ ...KEY, generation: 2 })).toEqual([]);
    expect(await state.leases(KEY)).toHaveLength(LEASES.length);
  });

  test('of a subscription that is not paused changes nothing', async () => {
    const { ports, state } = await aSubscription({ pointer: { isPaused: false } });

    expect(await rewind(ports, 'orders', TIME)).toEqual({ kind: 'not-paused' });
    expect(await state.control('orders')).toHaveLength(2);
  });

  test('waits until every lease is free, and gives up where one is held longer', async () => {
    const held = { ...leaseOfShard('shard-b'), owner: 'walk-1', expiresAtMs: NOW + 10 * SECOND };
    const { ports, state, clock } = await aSubscription({ leases: [held] });

    expect(await rewind(ports, 'orders', TIME)).toEqual({ kind: 'busy', untilMs: NOW + 10 * SECOND });
    const waiting = rewind(ports, 'orders', TIME, { waitMs: 30 * SECOND });
    await clock.advanceTo(NOW + 9 * SECOND);
    expect((await state.pointer('orders'))?.generation).toBe(1);
    await clock.advanceTo(NOW + 11 * SECOND);

    expect(await waiting).toMatchObject({ kind: 'done' });
  });

  test('waits for the generation before, where the current one still does', async () => {
    const held = { ...leaseOfShard('shard-b'), owner: 'walk-1', expiresAtMs: NOW + 10 * SECOND };
    const { ports } = await aSubscription({
      pointer: { generation: 2, isPreviousFree: false },
      leases: [held],
      streams: [aStreamRow(), aStreamRow({ generation: 2 })],
    });

    expect(await rewind(ports, 'orders', TIME)).toMatchObject({ kind: 'busy' });
  });

  test('is lost to whoever writes the pointer in between', async () => {
    const { ports, state } = await aSubscription();
    const racing: typeof state = {
      ...state,
      putControl: async (subscription, next, revision) => {
        if (next.kind === 'pointer') await setPaused(ports, 'orders', false);
        return state.putControl(subscription, next, revision);
      },
    };

    expect(await rewind({ ...ports, state: racing }, 'orders', TIME)).toEqual({ kind: 'changed' });
    expect(await state.pointer('orders')).toEqual({ ...POINTER, isPaused: false, revision: 4 });
  });

  test('never uses the rows of a generation that was begun and not switched to', async () => {
    const left = aStreamRow({ generation: 2, revision: 0 });
    const { ports, state } = await aSubscription({ streams: [aStreamRow(), left] });
    await state.createLeases({ ...KEY, generation: 2 }, [leaseOfShard('shard-b')]);

    await rewind(ports, 'orders', TIME);

    expect((await state.pointer('orders'))?.generation).toBe(3);
    expect(await state.leases({ ...KEY, generation: 3 })).toEqual([]);
  });

  test('reads a replaced stream again where the time lies before its end, and no older one', async () => {
    const [old, older] = [
      { arn: `${STREAM.arn}-1`, createdAtMs: NOW - 49 * HOUR },
      { arn: `${STREAM.arn}-0`, createdAtMs: NOW - 60 * HOUR },
    ];
    const newest = { arn: `${STREAM.arn}-2`, createdAtMs: NOW - HOUR };
    const { ports, state } = await aSubscription({
      leases: [],
      streams: [
        aStreamRow({ stream: older, isDrained: true }),
        aStreamRow({ stream: old, isReplacement: true, isDrained: true }),
        aStreamRow({ stream: newest, isReplacement: true }),
      ],
    });

    await rewind(ports, 'orders', { start: { at: 'trim-horizon' } });

    const rows = (await state.control('orders')).filter((row) => row.kind === 'stream' && row.generation === 2);
    expect(rows).toMatchObject([
      { stream: old, isReplacement: false, isDrained: false },
      { stream: newest, isReplacement: true, isDrained: false },
    ]);
  });

  test('tells first what would come again', async () => {
    const { ports, state } = await aSubscription({ leases: LEASES.slice(0, 3) });

    const preview = await previewRewind(ports, 'orders', TIME);

    expect(preview).toEqual({
      kind: 'plan',
      isPaused: true,
      isListed: true,
      plan: {
        shards: [{ shardId: 'shard-b', is: 'read-again', fromMs: TIME.start.momentMs, toMs: NOW - HOUR }],
        againFromMs: TIME.start.momentMs,
        againToMs: NOW - HOUR,
        goneBeforeMs: null,
      },
    });
    expect(await state.pointer('orders')).toEqual(POINTER);
    expect(await previewRewind(ports, 'customers', TIME)).toEqual({ kind: 'unknown' });
  });

  test('tells first what is gone, and what would never be delivered', async () => {
    const behind = { ...leaseOfShard('shard-b'), caughtUpAtMs: NOW - 3 * HOUR, lastRecordAtMs: NOW - 3 * HOUR };
    const { ports } = await aSubscription({ leases: [behind] });

    const early = await previewRewind(ports, 'orders', { start: { at: 'time', momentMs: NOW - 30 * HOUR } });
    const late = await previewRewind(ports, 'orders', TIME);

    expect(early).toMatchObject({ plan: { goneBeforeMs: NOW - 24 * HOUR, againToMs: NOW - 3 * HOUR } });
    expect(late).toMatchObject({
      plan: {
        shards: [{ shardId: 'shard-b', is: 'passed-over', fromMs: NOW - 3 * HOUR, toMs: TIME.start.momentMs }],
      },
    });
  });
});

describe('positions', () => {
  test('that were exported and imported are where they were, owned by nobody', async () => {
    const { ports, state } = await aSubscription();
    const positions = await exportPositions(ports, 'orders');
    if (positions === null) throw new Error('nothing was exported');
    await rewind(ports, 'orders', TIME);

    const result = await rewind(ports, 'orders', { positions: JSON.parse(JSON.stringify(positions)) });

    expect(result.kind).toBe('done');
    expect(await state.pointer('orders')).toMatchObject({
      generation: 3,
      start: POINTER.start,
      startedAtMs: POINTER.startedAtMs,
      isPaused: true,
      isPreviousFree: false,
    });
    const rows = await state.leases({ ...KEY, generation: 3 });
    expect(rows).toEqual(LEASES.map((row) => ({ ...row, epoch: row.epoch > 0 ? 1 : 0 })));
    expect(await state.control('orders')).toContainEqual(aStreamRow({ generation: 3, revision: 0 }));
  });

  test('begin another subscription, paused, with its gaps', async () => {
    const { ports, state } = await aSubscription({ leases: [{ ...leaseOfShard('shard-b'), gap: GAP }] });
    const positions = await exportPositions(ports, 'orders');
    if (positions === null) throw new Error('nothing was exported');

    const result = await rewind(ports, 'copy', { positions });

    expect(result).toMatchObject({ kind: 'done', plan: { shards: [] } });
    expect(await state.pointer('copy')).toMatchObject({ generation: 1, revision: 0, isPaused: true });
    expect(await state.lease({ ...KEY, subscription: 'copy' }, 'shard-b')).toMatchObject({ gap: GAP });
    expect(await state.gaps('copy')).toMatchObject([{ id: GAP.id }]);
    expect(await exportPositions(ports, 'nobody')).toBeNull();
  });

  test('of another table are refused', async () => {
    const { ports, state } = await aSubscription();
    const positions = await exportPositions(ports, 'orders');
    if (positions === null) throw new Error('nothing was exported');
    const foreign = { ...positions, streams: positions.streams.map((stream) => ({ ...stream, arn: 'arn:other' })) };

    const refused = { kind: 'other-stream', known: [STREAM.arn], given: ['arn:other'] };
    expect(await previewRewind(ports, 'orders', { positions: foreign })).toEqual(refused);
    expect(await rewind(ports, 'orders', { positions: foreign })).toEqual(refused);
    expect(await state.pointer('orders')).toEqual(POINTER);
  });

  test('tell first which shards would be read again and which passed over', async () => {
    const { ports, state } = await aSubscription();
    const positions = await exportPositions(ports, 'orders');
    if (positions === null) throw new Error('nothing was exported');
    const [b, c] = [leaseOfShard('shard-b'), leaseOfShard('shard-c')];
    await state.updateLease(KEY, b, { ...b, position: afterSequenceNumber('25'), lastRecordAtMs: NOW, revision: 1 });
    await state.updateLease(KEY, c, { ...c, position: afterSequenceNumber('4'), lastRecordAtMs: 4, revision: 1 });

    const preview = await previewRewind(ports, 'orders', { positions });

    expect(preview).toMatchObject({
      plan: {
        shards: [
          { shardId: 'shard-b', is: 'read-again', fromMs: NOW - HOUR, toMs: NOW },
          { shardId: 'shard-c', is: 'passed-over', fromMs: 4, toMs: NOW - 2 * HOUR },
        ],
        againFromMs: NOW - HOUR,
        againToMs: NOW,
        goneBeforeMs: null,
      },
    });
  });
});

describe('accepting a gap', () => {
  const halted = { ...leaseOfShard('shard-b'), gap: GAP };
  const ada = { by: 'ada', tellHandler: false };

  test('lets its shard go on, and writes down who did so and when', async () => {
    const { ports, state } = await aSubscription({ leases: [halted] });

    expect(await acceptGap(ports, 'orders', GAP.id, ada)).toMatchObject({ kind: 'done' });

    const { status: _status, ...notice } = GAP;
    expect(await state.lease(KEY, 'shard-b')).toEqual({
      ...halted,
      revision: 1,
      gap: { ...GAP, status: 'reported', acceptedAtMs: NOW },
    });
    expect(await state.gaps('orders')).toEqual([{ ...notice, accepted: { by: 'ada', atMs: NOW } }]);
    expect(await acceptGap(ports, 'orders', GAP.id, ada)).toEqual({ kind: 'not-halted' });
  });

  test('tells the handler first, where that is wanted', async () => {
    const { ports, state } = await aSubscription({ leases: [halted] });

    await acceptGap(ports, 'orders', GAP.id, { ...ada, tellHandler: true });

    expect((await state.lease(KEY, 'shard-b'))?.gap?.status).toBe('undelivered');
  });

  test('waits for the walk that found it', async () => {
    const held = { ...halted, owner: 'walk-1', expiresAtMs: NOW + 5 * SECOND };
    const { ports, state, clock } = await aSubscription({ leases: [held] });

    expect(await acceptGap(ports, 'orders', GAP.id, ada)).toEqual({ kind: 'busy', untilMs: NOW + 5 * SECOND });
    const waiting = acceptGap(ports, 'orders', GAP.id, { ...ada, waitMs: 10 * SECOND });
    await clock.advanceTo(NOW + 6 * SECOND);

    expect(await waiting).toMatchObject({ kind: 'done' });
    expect(await state.lease(KEY, 'shard-b')).toMatchObject({ owner: null, epoch: 3, expiresAtMs: 0 });
  });

  test('changes nothing where the row has been written since', async () => {
    const { ports, state } = await aSubscription({ leases: [halted] });
    const racing: typeof state = {
      ...state,
      acceptGap: async (...args) => {
        await state.requestLease(KEY, halted, 'walk-2');
        await state.updateLease(KEY, halted, { ...halted, revision: 1, emptyPages: 3 });
        return state.acceptGap(...args);
      },
    };

    expect(await acceptGap({ ...ports, state: racing }, 'orders', GAP.id, ada)).toEqual({ kind: 'changed' });
    expect((await state.lease(KEY, 'shard-b'))?.gap?.status).toBe('halted');
    expect(await state.gaps('orders')).toEqual([]);
  });

  test('of a subscription or under an id that is not there changes nothing', async () => {
    const { ports } = await aSubscription({ leases: [halted] });

    expect(await acceptGap(ports, 'customers', GAP.id, ada)).toEqual({ kind: 'unknown' });
    expect(await acceptGap(ports, 'orders', 'trimmed:shard-x', ada)).toEqual({ kind: 'not-halted' });
  });
});

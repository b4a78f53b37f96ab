import { describe, expect, test } from 'vitest';
import { advance, claim, finish, outcomeOf, release } from '../../../shared/core/lease.ts';
import { afterSequenceNumber, atSequenceNumber, shardEnd, trimHorizon } from '../../../shared/core/position.ts';
import { MINUTE, SECOND } from '../../support/durations.ts';
import { aGap, aLease, aProgress } from '../../support/shards.ts';

describe('a claim', () => {
  test('takes an expired lease with the next epoch', () => {
    const lease = aLease({ owner: 'walk-1', epoch: 7, revision: 20, expiresAtMs: 10 * SECOND, claimant: 'walk-2' });

    expect(claim(lease, 'walk-2', 10 * SECOND, MINUTE)).toEqual({
      ok: true,
      next: { ...lease, owner: 'walk-2', epoch: 8, revision: 21, expiresAtMs: 70 * SECOND, claimant: null },
    });
  });

  test('is refused until the very moment of expiry', () => {
    const lease = aLease({ owner: 'walk-1', epoch: 7, expiresAtMs: 10 * SECOND });

    expect(claim(lease, 'walk-2', 10 * SECOND - 1, MINUTE)).toEqual({ ok: false, reason: 'held' });
  });

  test('takes a lease that nobody holds, whatever its expiry says', () => {
    expect(claim(aLease({ expiresAtMs: MINUTE }), 'walk-1', 0, MINUTE)).toMatchObject({ ok: true });
  });

  test('is refused to the walk that holds the lease: one owner, one epoch', () => {
    const lease = aLease({ owner: 'walk-1', epoch: 7, expiresAtMs: 10 * SECOND });

    expect(claim(lease, 'walk-1', 0, MINUTE)).toEqual({ ok: false, reason: 'held' });
  });

  test('stores the moment that an unread child inherits', () => {
    const lease = aLease({ position: atSequenceNumber('100') });

    expect(claim(lease, 'walk-1', 0, MINUTE, atSequenceNumber('100', 5 * SECOND))).toMatchObject({
      next: { position: atSequenceNumber('100', 5 * SECOND) },
    });
  });

  test('never moves the position back (I3)', () => {
    const lease = aLease({ epoch: 1, position: afterSequenceNumber('100') });

    expect(claim(lease, 'walk-1', 0, MINUTE, atSequenceNumber('100'))).toEqual({ ok: false, reason: 'backwards' });
    expect(claim(lease, 'walk-1', 0, MINUTE, trimHorizon())).toEqual({ ok: false, reason: 'backwards' });
  });
});

describe('an advance', () => {
  const lease = aLease({ owner: 'walk-1', epoch: 7, revision: 20, expiresAtMs: MINUTE, claimant: 'walk-2' });

  test('stores all of the progress, and leaves owner, epoch and claimant alone', () => {
    const progress = aProgress({
      position: afterSequenceNumber('100'),
      iterator: { value: 'AAA', issuedAtMs: SECOND },
      emptyPages: 3,
      caughtUpAtMs: 2 * SECOND,
      lastRecordAtMs: 3 * SECOND,
      attempts: 4,
      gap: aGap(),
    });

    expect(advance(lease, progress, 2 * MINUTE)).toEqual({
      ok: true,
      next: { ...lease, ...progress, revision: 21, expiresAtMs: 2 * MINUTE },
    });
  });

  test('never shortens the lease, which a delivery may rely on', () => {
    expect(advance(lease, aProgress(), MINUTE - 1)).toMatchObject({ next: { expiresAtMs: MINUTE } });
  });

  test('may stay where it is', () => {
    const settled = { ...lease, position: afterSequenceNumber('100') };

    expect(advance(settled, aProgress({ position: afterSequenceNumber('100') }), MINUTE)).toMatchObject({ ok: true });
  });

  test.each(['advance', 'release'] as const)('never goes back, nor does a %s (I3)', (transition) => {
    const ahead = { ...lease, position: afterSequenceNumber('101') };
    const behind = aProgress({ position: afterSequenceNumber('100') });

    const change = transition === 'advance' ? advance(ahead, behind, MINUTE) : release(ahead, behind);

    expect(change).toEqual({ ok: false, reason: 'backwards' });
  });
});

test('a release keeps the progress and the epoch, and answers the claimant', () => {
  const lease = aLease({ owner: 'walk-1', epoch: 7, revision: 20, expiresAtMs: MINUTE, claimant: 'walk-2' });
  const progress = aProgress({ iterator: { value: 'AAA', issuedAtMs: SECOND }, emptyPages: 10 });

  expect(release(lease, progress)).toEqual({
    ok: true,
    next: { ...lease, ...progress, owner: null, revision: 21, expiresAtMs: 0, claimant: null },
  });
});

test('a finish ends the shard, forgets what only its reader needs, and keeps the moment for the children', () => {
  const lease = aLease({
    owner: 'walk-1',
    epoch: 7,
    revision: 20,
    expiresAtMs: MINUTE,
    claimant: 'walk-2',
    iterator: { value: 'AAA', issuedAtMs: SECOND },
    emptyPages: 3,
    attempts: 2,
    gap: aGap({ status: 'reported' }),
  });

  expect(finish(lease, 3 * SECOND, 5 * SECOND, 'not-visible', 9 * SECOND)).toEqual({
    ok: true,
    next: aLease({
      epoch: 7,
      revision: 21,
      position: shardEnd(5 * SECOND),
      caughtUpAtMs: 9 * SECOND,
      lastRecordAtMs: 3 * SECOND,
      children: 'not-visible',
      finishedAtMs: 9 * SECOND,
    }),
  });
});

describe('a write whose answer is lost', () => {
  const free = aLease({ epoch: 6, revision: 20 });
  const held = aLease({ owner: 'walk-1', epoch: 7, revision: 21, position: afterSequenceNumber('100') });
  const moved = { ...held, revision: 22, position: afterSequenceNumber('200') };

  test('took place when the row is what was written', () => {
    expect(outcomeOf(held, moved, { ...moved, claimant: 'walk-2' })).toEqual({ kind: 'applied' });
  });

  test('is repeated when nothing of it happened', () => {
    expect(outcomeOf(held, moved, held)).toEqual({ kind: 'repeat', previous: held, next: moved });
    expect(outcomeOf(free, held, free)).toEqual({ kind: 'repeat', previous: free, next: held });
  });

  test('is repeated where it only renewed the lease, and that did not happen', () => {
    const renewed = { ...held, revision: 22, expiresAtMs: MINUTE };

    expect(outcomeOf(held, renewed, held)).toEqual({ kind: 'repeat', previous: held, next: renewed });
  });

  test('is repeated on an earlier write of the same owner that arrived late', () => {
    const late = { ...held, revision: 22, position: afterSequenceNumber('150') };

    expect(outcomeOf(held, moved, late)).toEqual({ kind: 'repeat', previous: late, next: { ...moved, revision: 23 } });
  });

  test('is lost when another has the row, under whatever epoch, or nobody', () => {
    expect(outcomeOf(held, moved, { ...held, owner: 'walk-2', epoch: 8, revision: 22 })).toEqual({ kind: 'lost' });
    expect(outcomeOf(held, moved, { ...held, owner: null, revision: 22 })).toEqual({ kind: 'lost' });
    expect(outcomeOf(held, moved, { ...held, epoch: 8, revision: 22 })).toEqual({ kind: 'lost' });
    expect(outcomeOf(held, moved, null)).toEqual({ kind: 'lost' });
  });

  test('is lost when it was a claim and the row has been written since', () => {
    const expired = { ...held, expiresAtMs: 0 };
    const claimed = { ...expired, owner: 'walk-2', epoch: 8, revision: 22 };

    expect(outcomeOf(expired, claimed, { ...expired, revision: 22 })).toEqual({ kind: 'lost' });
    expect(outcomeOf(expired, { ...claimed, owner: 'walk-1' }, { ...expired, revision: 22 })).toEqual({ kind: 'lost' });
  });

  test('is not taken for another owner’s that reached the same revision', () => {
    const claimed = { ...free, owner: 'walk-1', epoch: 7, revision: 21 };

    expect(outcomeOf(free, claimed, { ...claimed, owner: 'walk-2' })).toEqual({ kind: 'lost' });
  });
});

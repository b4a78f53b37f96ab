import { describe, expect, test } from 'vitest';
import type * as leases from '../../../shared/core/lease.ts';
import {
  advance,
  claim,
  finish,
  type LeaseChange,
  type LeaseRow,
  outcomeOf,
  release,
  type ShardGap,
} from '../../../shared/core/lease.ts';
import { afterSequenceNumber, shardEnd } from '../../../shared/core/position.ts';
import { MINUTE, SECOND } from '../../support/durations.ts';
import { aGap, aLease, aProgress } from '../../support/shards.ts';

const NOW = 10 * SECOND;

/** Every function of the lease that changes it: a new one has to be added to the table before this compiles. */
type Transition = {
  [Name in keyof typeof leases]: (typeof leases)[Name] extends (...parameters: never[]) => LeaseChange ? Name : never;
}[keyof typeof leases];

/** What a lease can be, as a worker sees it. Free at a gap: every status that a gap has. */
type State = 'free' | `free, gap ${ShardGap['status']}` | 'held' | 'held, gap halted' | 'expired' | 'finished' | 'lost';

type Refusal = Extract<LeaseChange, { ok: false }>['reason'];

/** What the store holds afterwards, or why it is asked nothing. */
type End = 'is held' | 'is free' | 'is finished' | 'is lost' | `refused: ${Refusal}`;

const seen: Record<State, LeaseRow> = {
  free: aLease({ epoch: 7, position: afterSequenceNumber('50') }),
  'free, gap halted': aLease({ gap: aGap({ status: 'halted' }) }),
  'free, gap undelivered': aLease({ gap: aGap({ status: 'undelivered' }) }),
  'free, gap reported': aLease({ gap: aGap({ status: 'reported' }) }),
  held: aLease({ owner: 'us', epoch: 7, expiresAtMs: NOW + 1 }),
  'held, gap halted': aLease({ owner: 'us', epoch: 7, expiresAtMs: NOW + 1, gap: aGap({ status: 'halted' }) }),
  expired: aLease({ owner: 'us', epoch: 7, expiresAtMs: NOW }),
  finished: aLease({ epoch: 7, position: shardEnd() }),
  lost: aLease({ owner: 'us', epoch: 7, expiresAtMs: NOW }),
};

/** What is stored, where that is not what was seen. */
const stored: Partial<Record<State, LeaseRow>> = {
  lost: aLease({ owner: 'another', epoch: 8, revision: 1, expiresAtMs: NOW + MINUTE }),
};

const transitions: Record<Transition, (row: LeaseRow) => LeaseChange> = {
  claim: (row) => claim(row, 'us', NOW, MINUTE),
  advance: (row) => advance(row, aProgress({ gap: row.gap }), NOW + MINUTE),
  release: (row) => release(row, aProgress({ gap: row.gap })),
  finish: (row) => finish(row, null, undefined, 'stored', NOW),
};

const table: Record<State, Record<Transition, End>> = {
  free: { claim: 'is held', advance: 'refused: free', release: 'refused: free', finish: 'refused: free' },
  'free, gap halted': {
    claim: 'refused: halted',
    advance: 'refused: free',
    release: 'refused: free',
    finish: 'refused: free',
  },
  'free, gap undelivered': {
    claim: 'is held',
    advance: 'refused: free',
    release: 'refused: free',
    finish: 'refused: free',
  },
  'free, gap reported': {
    claim: 'is held',
    advance: 'refused: free',
    release: 'refused: free',
    finish: 'refused: free',
  },
  held: { claim: 'refused: held', advance: 'is held', release: 'is free', finish: 'is finished' },
  'held, gap halted': { claim: 'refused: halted', advance: 'is held', release: 'is free', finish: 'refused: halted' },
  expired: { claim: 'is held', advance: 'is held', release: 'is free', finish: 'is finished' },
  finished: {
    claim: 'refused: finished',
    advance: 'refused: finished',
    release: 'refused: finished',
    finish: 'refused: finished',
  },
  lost: { claim: 'is lost', advance: 'is lost', release: 'is lost', finish: 'is lost' },
};

const entriesOf = <const K extends string, V>(record: Record<K, V>) => Object.entries(record) as [K, V][];

describe('a lease, by every state and transition', () => {
  for (const [state, row] of entriesOf(table)) {
    for (const [transition, end] of entriesOf(row)) {
      test(`${state}: ${transition} ${end}`, () => {
        const change = transitions[transition](seen[state]);

        expect(endOf(seen[state], change, stored[state] ?? seen[state])).toBe(end);
      });
    }
  }
});

/** Writes a change on what is stored, as the state port promises to. */
function endOf(previous: LeaseRow, change: LeaseChange, current: LeaseRow): End {
  if (!change.ok) return `refused: ${change.reason}`;
  const isCurrent = current.epoch === previous.epoch && current.revision === previous.revision;
  const after = isCurrent ? change.next : current;
  if (outcomeOf(previous, change.next, after).kind !== 'applied') return 'is lost';
  if (after.position.at === 'shard-end') return 'is finished';
  return after.owner === 'us' ? 'is held' : 'is free';
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gapAt } from '../../../shared/core/gap.ts';
import type { LeaseRow } from '../../../shared/core/lease.ts';
import { planFirstListing, planNewShards } from '../../../shared/core/listing-plan.ts';
import type { ListedShard } from '../../../shared/core/ports.ts';
import { atSequenceNumber, shardEnd, trimHorizon, withMoment } from '../../../shared/core/position.ts';
import { isReadable, openingPosition, parentsFirst } from '../../../shared/core/shard-graph.ts';
import { forests } from '../../support/forests.ts';

const orphanGap = (shard: ListedShard) =>
  gapAt('parent-missing', { generation: 1, stream: { arn: 'arn', createdAtMs: 0 } }, shard.shardId, trimHorizon(), 0, {
    halts: false,
    delivers: false,
  });

const START = { at: 'trim-horizon' } as const;

const byId = <T extends { readonly shardId: string }>(each: readonly T[]): Map<string, T> =>
  new Map(each.map((one) => [one.shardId, one]));

describe('any listing', () => {
  test('ordered by parents has every shard once, and no child before its parent but in a cycle', () => {
    fc.assert(
      fc.property(forests({ hasCycles: true }), (listed) => {
        const ordered = parentsFirst(listed);
        const shards = byId(listed);
        const place = new Map(ordered.map((shard, index) => [shard.shardId, index]));

        expect(new Set(ordered)).toEqual(new Set(listed));
        expect(ordered.length).toBe(listed.length);
        for (const shard of ordered) {
          const late = shard.parents.filter((parent) => place.get(parent)! >= place.get(shard.shardId)!);
          for (const parent of late) expect(ancestorsOf(parent, shards)).toContain(shard.shardId);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('read for the first time loses no shard, and reads none before its parents are at their end (I1, I5)', () => {
    fc.assert(
      fc.property(forests(), (listed) => {
        const create = planFirstListing(listed, START, null);
        const rows = byId(create);

        expect([...rows.keys()].toSorted()).toEqual(listed.map((shard) => shard.shardId).toSorted());
        for (const shard of listed) {
          const row = rows.get(shard.shardId)!;
          const isRoot = !shard.parents.some((parent) => rows.has(parent));
          expect(row.position).toEqual(isRoot ? trimHorizon() : atSequenceNumber(shard.startingSequenceNumber));
          expect(row.gap).toBeNull();
        }
        expectParentsFirst(create);
        const order = readAll(rows).map((row) => row.shardId);
        expect(order.length).toBe(listed.length);
        for (const shard of listed) {
          for (const parent of shard.parents.filter((id) => rows.has(id))) {
            expect(order.indexOf(parent)).toBeLessThan(order.indexOf(shard.shardId));
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('read from a moment skips only shards that ended before it, and hands the moment down until it is reached', () => {
    fc.assert(
      fc.property(forests(), fc.integer({ min: 0, max: 210 }), (listed, momentMs) => {
        const create = planFirstListing(listed, { at: 'latest', momentMs }, null);
        const rows = byId(create);

        for (const shard of listed) {
          const children = listed.filter((child) => child.parents.includes(shard.shardId));
          const hasEnded =
            children.length > 0 && children.every(({ createdAtMs }) => (createdAtMs ?? momentMs) < momentMs);
          expect(rows.get(shard.shardId)!.position.at === 'shard-end').toBe(shard.isClosed && hasEnded);
        }
        for (const row of readAll(rows)) expect(row.position.notBefore).toBe(momentMs);
      }),
      { numRuns: 300 },
    );
  });

  test('read again after any part of it was stored creates the rest, parents first, and then nothing', () => {
    fc.assert(
      fc.property(forests(), fc.infiniteStream(fc.boolean()), (listed, coins) => {
        const isKnown = new Map(listed.map((shard) => [shard.shardId, coins.next().value === true]));
        const create = planFirstListing(listed, START, null);
        const known = byId(create.filter((row) => isKnown.get(row.shardId)));
        const ids = new Set(listed.map((shard) => shard.shardId));

        const created = planNewShards(listed, known, orphanGap, START);

        const unknown = listed.filter((shard) => !isKnown.get(shard.shardId));
        expect(created.map((row) => row.shardId).toSorted()).toEqual(unknown.map((each) => each.shardId).toSorted());
        for (const row of created) {
          const shard = listed.find((each) => each.shardId === row.shardId)!;
          const isOrphan = shard.parents.some((parent) => !ids.has(parent));
          expect(row.position).toEqual(atSequenceNumber(shard.startingSequenceNumber));
          expect(row.parents).toEqual(shard.parents.filter((parent) => ids.has(parent)));
          expect(row.gap?.reason).toBe(isOrphan ? 'parent-missing' : undefined);
        }
        expectParentsFirst(created);
        const all = byId([...known.values(), ...created]);
        expect(planNewShards(listed, all, orphanGap, START)).toEqual([]);
        expect(readAll(all).length).toBe(listed.length);
      }),
      { numRuns: 300 },
    );
  });
});

/** All shards above one, and itself. */
function ancestorsOf(shardId: string, shards: ReadonlyMap<string, ListedShard>): readonly string[] {
  const found = new Set([shardId]);
  for (const id of found) for (const parent of shards.get(id)?.parents ?? []) found.add(parent);
  return [...found];
}

function expectParentsFirst(create: readonly LeaseRow[]): void {
  const before = new Set<string>();
  const created = new Set(create.map((row) => row.shardId));
  for (const row of create) {
    for (const parent of row.parents) expect(before.has(parent) || !created.has(parent)).toBe(true);
    before.add(row.shardId);
  }
}

/** Reads shard after shard to its end, as soon as it may be read: the rows as they were opened, in that order. */
function readAll(rows: Map<string, LeaseRow>): readonly LeaseRow[] {
  const opened: LeaseRow[] = [];
  for (;;) {
    const next = [...rows.values()].find((row) => isReadable(row, rows));
    if (next === undefined) break;
    const row = { ...next, position: openingPosition(next, rows) };
    opened.push(row);
    rows.set(row.shardId, { ...row, position: withMoment(shardEnd(), row.position.notBefore) });
  }
  return opened;
}

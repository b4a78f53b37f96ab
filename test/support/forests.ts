import fc from 'fast-check';
import type { ListedShard } from '../../shared/core/ports.ts';

/** Which shards a random listing has. */
export interface ForestShape {
  readonly maxShards?: number;
  /** Whether shards may be each other's ancestors, as no source should say. @default false */
  readonly hasCycles?: boolean;
}

/**
 * Random listings, in random order: several roots, splits, merges, parents that are not listed, closed shards without
 * children, and creation times in milliseconds that grow from parent to child, where they are known.
 */
export const forests = ({
  maxShards = 20,
  hasCycles = false,
}: ForestShape = {}): fc.Arbitrary<readonly ListedShard[]> =>
  fc
    .array(fc.record({ parents: fc.array(fc.nat(), { maxLength: 2 }), isAged: fc.boolean(), isClosed: fc.boolean() }), {
      maxLength: maxShards,
    })
    .chain((drafts) => {
      const ids = drafts.map((_, index) => `shard-${index}`);
      const listed = drafts.map((draft, index): ListedShard => {
        const reach = hasCycles ? drafts.length : index;
        // One more than there are stands for a parent that is not listed.
        const parents = draft.parents.map((pick) => ids[pick % (reach + 1)] ?? 'unlisted');
        const isParent = drafts.some((other, at) =>
          other.parents.some((pick) => pick % ((hasCycles ? drafts.length : at) + 1) === index),
        );
        return {
          shardId: ids[index]!,
          parents: [...new Set(parents.map((parent) => (parent === ids[index] && !hasCycles ? 'unlisted' : parent)))],
          startingSequenceNumber: String(index * 100),
          isClosed: isParent || draft.isClosed,
          createdAtMs: draft.isAged ? index * 10 : null,
        };
      });
      return fc.shuffledSubarray(listed, { minLength: listed.length, maxLength: listed.length });
    });

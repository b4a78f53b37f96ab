import type { StreamIdentity } from './ports.ts';
import { type Pointer, type Start, type StreamRow, streamId } from './subscription.ts';

/** The stream to read now: the oldest that is not drained, so that an old stream's changes come before a new one's. */
export function activeStream(rows: readonly StreamRow[], generation: number): StreamRow | null {
  return (
    rows
      .filter((row) => row.generation === generation && !row.isDrained && row.run === undefined)
      .toSorted((a, b) => a.stream.createdAtMs - b.stream.createdAtMs)[0] ?? null
  );
}

/** The row of a stream that this generation meets for the first time; `null` when it knows it. */
export function newStreamRow(rows: readonly StreamRow[], pointer: Pointer, stream: StreamIdentity): StreamRow | null {
  const known = rows.filter((row) => row.generation === pointer.generation && row.run === undefined);
  if (known.some((row) => streamId(row.stream) === streamId(stream))) return null;
  return { ...newRow(pointer, stream), isReplacement: known.length > 0 };
}

/** The row of a stream of which nothing is known yet. */
export const newRow = (pointer: Pointer, stream: StreamIdentity): StreamRow => ({
  kind: 'stream',
  revision: 0,
  generation: pointer.generation,
  stream,
  isReplacement: false,
  isFirstListingComplete: false,
  listedAtMs: 0,
  isDrained: false,
});

/**
 * Where a stream is begun: a re-created one at its very beginning, as all of it was written since, unless the
 * subscription waits for a moment that is later still.
 */
export const startIn = ({ isReplacement, stream }: StreamRow, start: Start): Start =>
  isReplacement && (start.at === 'trim-horizon' || start.momentMs <= stream.createdAtMs)
    ? { at: 'trim-horizon' }
    : start;

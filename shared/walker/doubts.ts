/** A listing that contradicts itself is believed when the next one, half a minute later, says the same: listings lag by seconds. */
const BELIEVED_AFTER_MS = 25_000;

/** What the last listing left doubtful, by the shard's id or the stream's ARN, and when each doubt first came up. */
export type Doubts = Map<string, number>;

/**
 * Takes over what a listing leaves doubtful, and gives back what is to be believed by now: every listing since the doubt
 * came up has said the same. What this one does not repeat is settled, and begins anew if it comes up again.
 */
export function believedOf(doubts: Doubts, doubtful: readonly string[], nowMs: number): ReadonlySet<string> {
  const repeated = new Set(doubtful);
  for (const id of doubts.keys()) if (!repeated.has(id)) doubts.delete(id);
  for (const id of repeated) if (!doubts.has(id)) doubts.set(id, nowMs);
  return new Set([...repeated].filter((id) => nowMs - doubts.get(id)! >= BELIEVED_AFTER_MS));
}

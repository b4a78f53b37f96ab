/** How much one invocation takes. */
export interface BatchLimits {
  /** Records: 1 to 10,000. */
  readonly records: number;
  /** Bytes of the event's JSON. */
  readonly bytes: number;
}

/** Lambda takes 6 MB (6,291,456 bytes) in a synchronous invocation; the rest is room for the event's brackets. */
export const MAX_PAYLOAD_BYTES = 6_291_456 - 1_024;

/**
 * How many of the leading records fit one batch: at least one, however large it is (the sink refuses what no function
 * can take).
 */
export function cut(sizes: readonly number[], limits: BatchLimits): number {
  let bytes = 0;
  let count = 0;
  for (const size of sizes) {
    bytes += size + 1;
    if (count === limits.records || (count > 0 && bytes > limits.bytes)) break;
    count++;
  }
  return count;
}

/** The event's text from the records' texts. */
export const payloadOf = (bodies: readonly string[]): string => `{"Records":[${bodies.join(',')}]}`;

/** The first and the last of some records of a shard, by which a line of the log is found. */
export interface SequenceRange {
  readonly startSequenceNumber: string;
  readonly endSequenceNumber: string;
}

/** From the first to the last of these, of which there is at least one. */
export const rangeOf = (sequenceNumbers: readonly string[]): SequenceRange => ({
  startSequenceNumber: sequenceNumbers[0]!,
  endSequenceNumber: sequenceNumbers.at(-1)!,
});

/** What a function's answer settles: the leading `settled` records; `reason` says why not all. */
export interface Settlement {
  readonly settled: number;
  readonly reason: string | null;
}

/**
 * Reads a function's answer exactly as an event source mapping with ReportBatchItemFailures does.
 *
 * No list of failures settles everything; the lowest identifier named settles all before it; an identifier that is
 * missing, empty or not of this batch settles nothing.
 */
export function settle(sequenceNumbers: readonly string[], response: unknown): Settlement {
  const all = { settled: sequenceNumbers.length, reason: null };
  if (typeof response !== 'object' || response === null || !('batchItemFailures' in response)) return all;
  const failures = response.batchItemFailures;
  if (failures === null || failures === undefined) return all;
  if (!Array.isArray(failures)) return { settled: 0, reason: 'batchItemFailures is not a list' };
  let settled = sequenceNumbers.length;
  for (const failure of failures) {
    const identifier: unknown = failure?.itemIdentifier;
    const index = typeof identifier === 'string' ? sequenceNumbers.indexOf(identifier) : -1;
    if (index < 0) {
      return { settled: 0, reason: `batchItemFailures names ${JSON.stringify(identifier)}, which is not in the batch` };
    }
    settled = Math.min(settled, index);
  }
  return settled === sequenceNumbers.length
    ? all
    : { settled, reason: `the handler reported ${sequenceNumbers[settled]}` };
}

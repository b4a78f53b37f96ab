import type { FailedBatch } from './failed-batch.ts';

/** A queue's message and a topic's hold 256 KiB. */
const MESSAGE_BYTES = 262_144;

/**
 * A failed batch as the text of a message: with the event where that fits, and saying so where it was left out.
 *
 * Without the event, the changes have to be read from the stream again, before it trims them.
 */
export function failureText(batch: FailedBatch): string {
  const whole = JSON.stringify({ ...batch.message, payload: batch.payload });
  if (Buffer.byteLength(whole) <= MESSAGE_BYTES) return whole;
  return JSON.stringify({ ...batch.message, payloadLeftOut: `larger than ${MESSAGE_BYTES} bytes` });
}

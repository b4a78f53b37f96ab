import { expect, test } from 'vitest';
import { type ControlRow, controlRowId, streamId } from '../../../shared/core/subscription.ts';
import { aSlot } from '../../support/shards.ts';

const stream = { arn: 'arn:aws:dynamodb:eu-west-1:1:table/orders/stream/x', createdAtMs: 5 };

const rows: Record<ControlRow['kind'], readonly [ControlRow, string]> = {
  pointer: [
    {
      kind: 'pointer',
      revision: 0,
      generation: 1,
      start: { at: 'trim-horizon' },
      startedAtMs: 0,
      isPaused: false,
      isPreviousFree: true,
    },
    'pointer',
  ],
  lister: [{ kind: 'lister', revision: 0, owner: null, expiresAtMs: 0 }, 'lister'],
  slot: [aSlot({ worker: 7 }), 'slot#7'],
  stream: [
    {
      kind: 'stream',
      revision: 0,
      generation: 3,
      stream,
      isReplacement: false,
      isFirstListingComplete: false,
      listedAtMs: 0,
      isDrained: false,
    },
    'stream#3#arn:aws:dynamodb:eu-west-1:1:table/orders/stream/x@5',
  ],
};

test('a subscription’s own rows have one id each, and slots and streams one for every one of them', () => {
  for (const [row, id] of Object.values(rows)) expect(controlRowId(row)).toBe(id);
});

test('a stream that was re-created under the same ARN is another stream', () => {
  expect(streamId({ ...stream, createdAtMs: 6 })).not.toBe(streamId(stream));
});

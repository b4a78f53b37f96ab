import { expect, test } from 'vitest';
import type { StreamEventRecord } from '../../shared/core/record.ts';
import { sourceRecord, type WireRecord } from '../../shared/core/stream-record.ts';
import { changeHandler } from '../../shared/handler.ts';
import { inProcessSink } from '../../shared/in-process-sink.ts';
import { eventOf, insertOf, modifyOf, removeOf, runHandler } from '../../shared/testing/index.ts';

const item = {
  id: 'a',
  big: 123456789012345678901234567890n,
  bytes: new Uint8Array([1, 2, 3]),
  tags: new Set(['x', 'y']),
  deep: { list: [1, null, true] },
};

/** A handler that writes down everything a function can see of its change. */
function watched() {
  const calls: unknown[] = [];
  const note = (change: object) => {
    const shared = Object.getOwnPropertyNames(Object.getPrototypeOf(change));
    calls.push(
      Object.fromEntries([...Object.keys(change), ...shared].map((name) => [name, Reflect.get(change, name)])),
    );
  };
  return { calls, handler: changeHandler<object>({ insert: note, modify: note, remove: note }) };
}

/** The same record as GetRecords gives it to the walker. */
function wireOf({ eventSourceARN: _added, userIdentity, ...rest }: StreamEventRecord): WireRecord {
  return {
    ...rest,
    ...(userIdentity && { userIdentity: { PrincipalId: userIdentity.principalId, Type: userIdentity.type } }),
  };
}

test('the same changes make the same calls, whether Lambda or the walker sent them', async () => {
  const event = eventOf([
    insertOf(item),
    modifyOf(item, { ...item, tags: new Set(['z']) }),
    removeOf(item),
    removeOf(item, { expired: true }),
  ]);
  const byLambda = watched();
  const byWalker = watched();

  await runHandler(byLambda.handler, event);
  const records = event.Records.map((record) =>
    sourceRecord(wireOf(record as StreamEventRecord), record.eventSourceARN),
  );
  const delivery = await inProcessSink(byWalker.handler).deliver({
    subscription: 'orders',
    shardId: 'shardId-00000001767225600000-00000001',
    sequenceNumbers: records.map((record) => record.sequenceNumber),
    payload: JSON.stringify({ Records: records.map((record) => record.event) }),
  });

  expect(delivery).toEqual({ kind: 'answered', response: { batchItemFailures: [] } });
  expect(byWalker.calls).toEqual(byLambda.calls);
  expect(byLambda.calls).toMatchObject([
    { kind: 'insert', newImage: item },
    { kind: 'modify', changed: [{ path: 'tags' }] },
    { kind: 'remove', expired: false },
    { kind: 'remove', expired: true },
  ]);
});

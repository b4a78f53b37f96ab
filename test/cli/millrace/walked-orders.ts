import { randomUUID } from 'node:crypto';
import { CreateTableCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { onTestFinished } from 'vitest';
import { dynamodbState } from '../../../shared/aws/dynamodb-state.ts';
import { dynamodbStreamsSource } from '../../../shared/aws/dynamodb-streams-source.ts';
import { systemClock } from '../../../shared/clock.ts';
import type { ChangeEvent } from '../../../shared/core/record.ts';
import { stateTableDefinition } from '../../../shared/core/state-row.ts';
import { inProcessSink } from '../../../shared/in-process-sink.ts';
import { parseWalkRequest } from '../../../shared/request.ts';
import { walk } from '../../../shared/walker.ts';
import { createStreamedTable, sharedDynamoDbLocal, uniqueName } from '../../support/dynamodb-local.ts';
import { type Ended, millrace, type RunningCommand, startMillrace } from './command.ts';

/** A table with a stream, a state table, and walks of the subscription `orders` in this process. */
export async function walkedOrders() {
  const { dynamodb, streams, endpoint } = await sharedDynamoDbLocal();
  const stateTable = uniqueName('state');
  const [{ tableName, streamArn }] = await Promise.all([
    createStreamedTable(dynamodb),
    dynamodb.send(new CreateTableCommand(stateTableDefinition(stateTable))),
  ]);
  const state = dynamodbState({ client: dynamodb, tableName: stateTable });
  const delivered: string[] = [];
  const request = parseWalkRequest({
    format: 1,
    pipeline: 'test',
    subscription: 'orders',
    stateTable,
    source: { kind: 'table', tableName, region: 'us-east-1' },
    handler: { functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:orders', timeoutMs: 1_000 },
    deliveryMarginMs: 1_000,
    worker: 0,
    workers: 1,
    keepAwake: true,
  });
  const handler = async (event: ChangeEvent): Promise<void> => {
    for (const record of event.Records) {
      const id = record.dynamodb.Keys?.id;
      delivered.push(id !== undefined && 'S' in id ? id.S : record.eventName);
    }
  };
  /** Begins a walk; call the result to end it. */
  const startWalk = (): (() => Promise<void>) => {
    const stop = new AbortController();
    const ports = {
      source: dynamodbStreamsSource({ dynamodb, streams, tableName }),
      state,
      sink: inProcessSink(handler),
      clock: systemClock,
      report: () => {},
      random: Math.random,
      newId: randomUUID,
    };
    const limits = { deadlineMs: Date.now() + 10 * 60_000, pageBytes: 1_000_000, stop: stop.signal };
    const walking = walk(request, ports, limits);
    const end = async (): Promise<void> => {
      stop.abort();
      await walking;
    };
    onTestFinished(end);
    return end;
  };
  const where = ['--endpoint', endpoint, '--state-table', stateTable];
  return {
    endpoint,
    tableName,
    streamArn,
    stateTable,
    state,
    dynamodb,
    delivered,
    write: async (...ids: readonly string[]): Promise<void> => {
      for (const id of ids) {
        await dynamodb.send(
          new PutItemCommand({ TableName: tableName, Item: { id: { S: id }, at: { N: `${Date.now()}` } } }),
        );
      }
    },
    startWalk,
    /** Walks until so many changes were delivered in all. */
    walkUntil: async (count: number): Promise<void> => {
      const end = startWalk();
      await until(() => delivered.length >= count);
      await end();
    },
    run: (...args: readonly string[]): Promise<Ended> => millrace([...args, ...where]),
    start: (...args: readonly string[]): RunningCommand => startMillrace([...args, ...where]),
  };
}

/** Waits until it is so, for at most fifteen seconds. */
export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + 15_000;
  while (!(await isTrue())) {
    if (Date.now() > deadlineMs) throw new Error(`this did not come true: ${isTrue}`);
    await systemClock.sleep(20);
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { dynamodbState } from '../shared/aws/dynamodb-state.ts';
import { dynamodbStreamsSource } from '../shared/aws/dynamodb-streams-source.ts';
import { inProcessSink } from '../shared/in-process-sink.ts';
import { type Database, STATE_TABLE, startDatabase, TABLE } from './support/database.ts';
import { figureOf, quantile } from './support/figure.ts';
import type { Row } from './support/row.ts';
import { published } from './support/row.ts';
import { drain } from './support/walking.ts';

const ROUNDS = 5;
const WRITES = 80;
/** A write falls anywhere between two polls. */
const WRITE_EVERY_MS = { atLeast: 50, atMost: 450 };
const LAMBDA_POLLS_EVERY_MS = 250;

/** From a write, whose time is inside the item, to the handler, while the shard is busy; all settings by default. */
export async function latency(): Promise<readonly Row[]> {
  const database = await startDatabase();
  try {
    const rounds: (readonly number[])[] = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await lagsOf(database, round));
    const row = (part: number) => ({
      what: `write to handler, busy shard, p${part * 100}: ${ROUNDS} x ${WRITES} writes on DynamoDB Local`,
      unit: 'ms',
      ours: figureOf(rounds.map((lags) => quantile(lags, part))),
      comparison: { name: "Lambda's published poll interval", theirs: published(LAMBDA_POLLS_EVERY_MS) },
      ratio: null,
    });
    return [
      { ...row(0.5), target: { of: 'ours', bound: 'at-most', value: 300 } },
      { ...row(0.99), target: { of: 'ours', bound: 'at-most', value: 1_000 } },
    ];
  } finally {
    await database.stop();
  }
}

async function lagsOf({ dynamodb, streams }: Database, round: number): Promise<readonly number[]> {
  const lags: number[] = [];
  let begun = (): void => {};
  const isReading = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const sink = inProcessSink((event) => {
    const nowMs = Date.now();
    for (const { dynamodb: data } of event.Records) {
      const id = data.Keys?.id;
      const writtenAt = data.NewImage?.writtenAt;
      if (id === undefined || !('S' in id) || !id.S.startsWith(`${round}-`)) continue;
      if (id.S === `${round}-first`) begun();
      else if (writtenAt !== undefined && 'N' in writtenAt) lags.push(nowMs - Number(writtenAt.N));
    }
  });
  const put = (id: string) =>
    dynamodb.send(
      new PutItemCommand({ TableName: TABLE, Item: { id: { S: id }, writtenAt: { N: String(Date.now()) } } }),
    );
  const before = round * (WRITES + 1);
  const ports = {
    source: dynamodbStreamsSource({ dynamodb, streams, tableName: TABLE }),
    state: dynamodbState({ client: dynamodb, tableName: STATE_TABLE }),
    sink,
  };
  await put(`${round}-first`);
  const walking = drain({
    request: { subscription: `orders-${round}`, stateTable: STATE_TABLE },
    ports,
    records: before + WRITES + 1,
  });
  await isReading;
  const { atLeast, atMost } = WRITE_EVERY_MS;
  for (let write = 0; write < WRITES; write++) {
    await sleep(atLeast + Math.random() * (atMost - atLeast));
    await put(`${round}-${write}`);
  }
  await walking;
  return lags;
}

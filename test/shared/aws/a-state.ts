import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamodbState } from '../../../shared/aws/dynamodb-state.ts';
import type { LeaseRow } from '../../../shared/core/lease.ts';
import type { LeaseKey } from '../../../shared/core/ports.ts';
import { trimHorizon } from '../../../shared/core/position.ts';
import { stateTableDefinition } from '../../../shared/core/state-row.ts';
import type { Pointer } from '../../../shared/core/subscription.ts';
import { type AwsAnswer, type AwsRequest, awsEndpoint, forward } from '../../support/aws-endpoint.ts';
import { sharedDynamoDbLocal, uniqueName } from '../../support/dynamodb-local.ts';

export const ORDERS: LeaseKey = {
  subscription: 'orders',
  generation: 1,
  stream: {
    arn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-02-03T04:00:00.000',
    createdAtMs: 1,
  },
};
export const LEASE: LeaseRow = {
  shardId: 'shard-a',
  parents: [],
  position: trimHorizon(),
  owner: 'walk-1',
  epoch: 7,
  revision: 20,
  expiresAtMs: 1_000,
  claimant: null,
  iterator: null,
  emptyPages: 0,
  caughtUpAtMs: null,
  lastRecordAtMs: null,
  children: 'unknown',
  gap: null,
  attempts: 0,
  finishedAtMs: null,
};
export const POINTER: Pointer = {
  kind: 'pointer',
  revision: 0,
  generation: 1,
  start: { at: 'trim-horizon' },
  startedAtMs: 1_000,
  isPaused: false,
  isPreviousFree: true,
};

type Pass = (request: AwsRequest) => Promise<AwsAnswer>;

/** A state on an empty table, seen through `answer` where there is one. */
export async function aState(
  answer?: (request: AwsRequest, pass: Pass) => AwsAnswer | Promise<AwsAnswer>,
  tableName = uniqueName('state'),
) {
  const { dynamodb, endpoint } = await sharedDynamoDbLocal();
  await dynamodb.send(new CreateTableCommand(stateTableDefinition(tableName))).catch(() => {});
  const between = answer && (await awsEndpoint((request) => answer(request, (passed) => forward(passed, endpoint))));
  const client = between
    ? new DynamoDBClient({
        endpoint: between.endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      })
    : dynamodb;
  const waits: number[] = [];
  const clock = { sleep: async (ms: number) => void waits.push(ms) };
  const state = dynamodbState({ client, tableName, clock, random: () => 0.5 });
  return { state, client, tableName, waits, requests: between?.requests ?? [] };
}

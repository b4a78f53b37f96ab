import { afterAll, beforeAll } from 'vitest';
import { type RollingDynamoDbLocal, startRollingDynamoDbLocal } from '../dynamodb-local-rollover.ts';
import { rolledTable } from './rolled-table.ts';
import type { MakeSource } from './walked-source.ts';
import { walkedStream } from './walked-stream.ts';

/** The sources that walks read alike, each with its name: for `describe.each`. Their engines end with the test file. */
export function everySource(): readonly (readonly [string, MakeSource])[] {
  let rolling: RollingDynamoDbLocal;
  beforeAll(async () => {
    rolling = await startRollingDynamoDbLocal();
  });
  afterAll(() => rolling?.stop());
  return [
    ["a table's stream", (changes, options) => rolledTable(rolling, changes, options)],
    ['a Kinesis stream', walkedStream],
  ];
}

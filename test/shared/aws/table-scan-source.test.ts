import type {
  DescribeTableCommand,
  DynamoDBClient,
  ScanCommandInput,
  ScanCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { tableScan, tableScanSource } from '../../../shared/aws/table-scan-source.ts';
import { systemClock } from '../../../shared/clock.ts';
import type { Page, Source } from '../../../shared/core/ports.ts';
import { trimHorizon } from '../../../shared/core/position.ts';
import { scanStream } from '../../../shared/core/scan.ts';
import { simulatedClock } from '../../../shared/testing/simulated-clock.ts';
import { SECOND } from '../../support/durations.ts';
import { createStreamedTable, sharedDynamoDbLocal } from '../../support/dynamodb-local.ts';

const ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/2026-01-01T00:00:00.000';
const SCAN = scanStream(ARN, 1);
const OPTIONS = { tableName: 'orders', segments: 4, run: 1, consistentRead: true };

/** A table of which each page costs so many units, and the scans that were asked for. */
function aTable(answer: (input: ScanCommandInput) => Partial<ScanCommandOutput>) {
  const scans: ScanCommandInput[] = [];
  const client = {
    send: async (command: DescribeTableCommand | { readonly input: ScanCommandInput }) => {
      if (command.constructor.name === 'DescribeTableCommand') {
        return { Table: { KeySchema: [{ AttributeName: 'id' }], TableSizeBytes: 5_000 } };
      }
      scans.push(command.input as ScanCommandInput);
      return answer(command.input as ScanCommandInput);
    },
  };
  return { client: client as unknown as DynamoDBClient, scans };
}

const keyOf = (n: number) => ({ id: { S: `item-${n}` } });

const begin = async (source: Source, shardId: string): Promise<string> => {
  const opened = await source.open(SCAN, shardId, trimHorizon());
  if (opened.kind !== 'opened') throw new Error(opened.kind);
  return opened.iterator;
};

const recordsOf = (page: Page) => (page.kind === 'page' ? page.records : []);

describe('a scan', () => {
  test('reads every item of a table once, in segments and pages, whatever its position', async () => {
    const { dynamodb } = await sharedDynamoDbLocal();
    const { tableName } = await createStreamedTable(dynamodb);
    const filler = { S: 'x'.repeat(100_000) };
    for (let from = 0; from < 40; from += 20) {
      const puts = Array.from({ length: 20 }, (_, n) => ({ PutRequest: { Item: { ...keyOf(from + n), filler } } }));
      await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [tableName]: puts } }));
    }
    const source = tableScanSource({ ...OPTIONS, client: dynamodb, clock: systemClock, tableName, segments: 2 });
    const keys: string[] = [];
    let pages = 0;

    for (const shardId of ['segment-0-of-2', 'segment-1-of-2']) {
      let position = trimHorizon();
      for (let isEnd = false; !isEnd; pages++) {
        // As after a crash: a new iterator from where the last settled item was, in the middle of a page.
        const opened = await source.open(SCAN, shardId, position);
        if (opened.kind !== 'opened') throw new Error(opened.kind);
        const page = await source.read(SCAN, opened.iterator);
        const taken = recordsOf(page).slice(0, 7);
        keys.push(...taken.map((record) => record.itemKey()));
        position = taken.at(-1)?.position ?? position;
        isEnd = taken.length === 0;
      }
    }

    expect(pages).toBeGreaterThan(6);
    expect(keys.toSorted()).toEqual(Array.from({ length: 40 }, (_, n) => JSON.stringify(keyOf(n))).toSorted());
  });

  test.each([true, false])('reads strongly consistently as it is told: %s', async (consistentRead) => {
    const { client, scans } = aTable(() => ({ Items: [] }));
    const source = tableScanSource({ ...OPTIONS, client, clock: systemClock, consistentRead });

    await source.read(SCAN, await begin(source, 'segment-3-of-4'));

    expect(scans).toMatchObject([{ Segment: 3, TotalSegments: 4, ConsistentRead: consistentRead }]);
    expect(scans[0]).not.toHaveProperty('Limit');
  });

  test('of a table that is gone does not end, nor does one that is throttled: both are to be repeated', async () => {
    const failing = (name: string) =>
      aTable(() => {
        throw Object.assign(new Error('simulated'), { name });
      }).client;
    const read = async (name: string) => {
      const source = tableScanSource({ ...OPTIONS, client: failing(name), clock: systemClock });
      return source.read(SCAN, await begin(source, 'segment-0-of-4'));
    };

    expect(await read('ResourceNotFoundException')).toEqual({
      kind: 'failed',
      reason: 'unavailable',
      message: 'there is no table orders to scan',
    });
    expect(await read('ProvisionedThroughputExceededException')).toMatchObject({ kind: 'failed', reason: 'throttled' });
  });

  test('knows the table’s size', async () => {
    const { client } = aTable(() => ({}));

    expect(
      await tableScan({ client, tableName: 'orders', clock: systemClock, request: { workers: 1 } }).tableBytes(),
    ).toBe(5_000);
  });
});

describe('a bounded scan', () => {
  const bounded = (units: number, items: number) => {
    const clock = simulatedClock(0);
    const table = aTable(({ Limit = 1_000 }) => {
      const scanned = Math.min(Limit, items);
      return {
        Items: Array.from({ length: scanned }, (_, n) => keyOf(n)),
        ScannedCount: scanned,
        LastEvaluatedKey: keyOf(scanned),
        ConsumedCapacity: { CapacityUnits: (units * scanned) / items },
      };
    });
    const request = { workers: 2, bootstrap: { readUnitsPerSecond: 100 } };
    const source = tableScan({ client: table.client, tableName: 'orders', clock, request }).source(1, 4);
    return { clock, source, scans: table.scans };
  };

  test('takes its worker’s share of the units, over all its segments', async () => {
    const { clock, source, scans } = bounded(256, 256);
    const reading = async (shardId: string): Promise<void> => {
      let iterator = await begin(source, shardId);
      for (;;) {
        const page = await source.read(SCAN, iterator);
        iterator = page.kind === 'page' && page.next ? page.next : iterator;
        await clock.sleep(1);
      }
    };
    for (let segment = 0; segment < 4; segment++) void reading(`segment-${segment}-of-4`);

    await clock.advanceBy(60 * SECOND);

    const units = scans.reduce((sum, { Limit = 0 }) => sum + Math.min(Limit, 256), 0);
    expect(units).toBeGreaterThan(0.9 * 60 * 50);
    expect(units).toBeLessThan(61 * 50 + 256);
  });

  test('does not keep a walk that is to end: it answers with an empty page while it waits', async () => {
    const { clock, source, scans } = bounded(100, 1);
    const iterator = await begin(source, 'segment-0-of-4');
    const first = await source.read(SCAN, iterator);
    const next = first.kind === 'page' ? (first.next ?? '') : '';

    const waiting = source.read(SCAN, next);
    await clock.advanceBy(2 * SECOND);

    expect(await waiting).toEqual({ kind: 'page', records: [], next });
    expect(scans).toHaveLength(1);
  });
});

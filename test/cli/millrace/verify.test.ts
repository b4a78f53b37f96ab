import {
  type AttributeValue,
  BatchWriteItemCommand,
  CreateTableCommand,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { awsEndpoint, forward } from '../../support/aws-endpoint.ts';
import { sharedDynamoDbLocal, uniqueName } from '../../support/dynamodb-local.ts';
import { millrace } from './command.ts';

const MINUTE = 60_000;

type Item = Record<string, AttributeValue>;

const items = (count: number, more: Item = {}): readonly Item[] =>
  Array.from({ length: count }, (_, index) => ({ id: { S: `o-${index}` }, at: { N: `${index}` }, ...more }));

async function aTable(dynamodb: DynamoDBClient, contents: readonly Item[], hash = 'id'): Promise<string> {
  const TableName = uniqueName('verified');
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: hash, AttributeType: 'S' },
        { AttributeName: 'at', AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: hash, KeyType: 'HASH' },
        { AttributeName: 'at', KeyType: 'RANGE' },
      ],
    }),
  );
  for (let from = 0; from < contents.length; from += 25) {
    const puts = contents.slice(from, from + 25).map((Item) => ({ PutRequest: { Item } }));
    await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: puts } }));
  }
  return TableName;
}

/** Two tables, and `millrace verify` of them. */
async function twoTables(ours: readonly Item[], theirs: readonly Item[]) {
  const { dynamodb, endpoint } = await sharedDynamoDbLocal();
  const [source, target] = await Promise.all([aTable(dynamodb, ours), aTable(dynamodb, theirs)]);
  const line = ['verify', '--source', source, '--target', target, '--endpoint', endpoint];
  return {
    dynamodb,
    source,
    target,
    verify: (...args: readonly string[]) => millrace([...line, '--pause', '0', ...args]),
    local: endpoint,
  };
}

describe('millrace verify', () => {
  test(
    'finds two tables equal whose items are the same, in many pages',
    async () => {
      const filler = { filler: { S: 'x'.repeat(24_000) }, tags: { SS: ['b', 'a'] } };
      const { verify, source, target } = await twoTables(items(500, filler), items(500, filler).toReversed());

      expect(await verify()).toEqual({ code: 0, out: `500 items of ${source}: the same in ${target}\n`, errors: '' });
    },
    MINUTE,
  );

  test(
    'tells what is missing, what only the target has, and in which attributes an item differs',
    async () => {
      const [one, two, three, four] = items(4);
      const { verify, source, target } = await twoTables(
        [one!, two!, { ...three!, status: { S: 'paid' } }],
        [one!, { ...three!, status: { S: 'new' }, seen: { BOOL: true } }, four!],
      );

      const { code, out } = await verify();
      const json = JSON.parse((await verify('--json', '--ignore', 'seen', 'status')).out);

      expect(code).toBe(1);
      expect(out).toContain(
        `3 items of ${source}: 3 differences (1 missing in ${target}, 1 only there, 1 different)\n`,
      );
      expect(out).toContain("\nmissing  id='o-1' at='1'\n");
      expect(out).toContain(
        "\ndifferent  id='o-2' at='2'\n  seen: nothing in the source, true in the target\n  status: 'paid' in the source, 'new' in the target\n",
      );
      expect(out).toContain("\nextra  id='o-3' at='3'\n");
      expect(json).toMatchObject({ isEqual: false, compared: 3, missing: 1, extra: 1, different: 0, isSample: false });
      expect(json.shown).toContainEqual({ kind: 'missing', key: { id: { S: 'o-1' }, at: { N: '1' } } });
    },
    MINUTE,
  );

  test(
    'counts every difference, and shows as many as are asked for',
    async () => {
      const { verify, target } = await twoTables(items(250), []);

      const { code, out } = await verify('--limit', '3');

      expect(code).toBe(1);
      expect(out).toContain(`250 differences (250 missing in ${target}, 0 only there, 0 different)\n`);
      expect(out.match(/^missing/gm)).toHaveLength(3);
      expect(out).toContain('\nand 247 more: --limit shows more\n');
    },
    MINUTE,
  );

  test(
    'compares a sample of as many items as were asked for, and all where there are fewer',
    async () => {
      const { verify } = await twoTables(items(300), items(300));
      const compared = async (sample: string) => JSON.parse((await verify('--json', '--sample', sample)).out);

      expect(await compared('50')).toMatchObject({ isEqual: true, isSample: true, compared: 50, extra: 0 });
      expect(await compared('10%')).toMatchObject({ isEqual: true, isSample: true, compared: 30 });
      expect(await compared('5000')).toMatchObject({ isEqual: true, isSample: true, compared: 300 });
    },
    MINUTE,
  );

  test(
    'looks again before it tells of a difference: a sink is a moment behind',
    async () => {
      const [one, two] = items(2);
      const { dynamodb, source, target, local } = await twoTables([one!, two!], [one!]);
      let looks = 0;
      const { endpoint } = await awsEndpoint(async (request) => {
        const answer = await forward(request, local);
        const isLook = request.operation === 'BatchGetItem' && request.body.includes(target);
        if (isLook && looks++ === 0) await dynamodb.send(new PutItemCommand({ TableName: target, Item: two! }));
        return answer;
      });

      const line = ['verify', '--source', source, '--target', target, '--endpoint', endpoint, '--pause', '0', '--json'];
      const { code, out } = await millrace(line);

      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ isEqual: true, missing: 0, different: 0, passed: 1 });
    },
    MINUTE,
  );

  test(
    'takes a replica for what it stands for',
    async () => {
      const [one, two] = items(2);
      const version = { millraceVersion: { S: '1' } };
      const { verify } = await twoTables(
        [one!],
        [
          { ...one!, ...version },
          { ...two!, ...version, millraceDeleted: { BOOL: true } },
        ],
      );

      expect(await verify('--replica')).toMatchObject({ code: 0 });
      expect(JSON.parse((await verify('--json')).out)).toMatchObject({ different: 1, extra: 1 });
    },
    MINUTE,
  );

  test(
    'refuses what it cannot compare, as a mistake on the command line',
    async () => {
      const { dynamodb, endpoint } = await sharedDynamoDbLocal();
      const [orders, others] = await Promise.all([aTable(dynamodb, []), aTable(dynamodb, [], 'name')]);
      const refusal = async (...args: readonly string[]) => {
        const { code, out, errors } = await millrace(['verify', ...args, '--endpoint', endpoint]);
        expect([code, out]).toEqual([2, '']);
        return errors;
      };

      expect(await refusal('--source', orders, '--target', others)).toBe(
        'error: --target must have the key of --source, id (S), at (N), got name (S), at (N)\n',
      );
      expect(await refusal('--source', 'nowhere', '--target', orders)).toBe(
        'error: --source must be a table that is there, got "nowhere"\n',
      );
      expect(await refusal('--source', `${orders}@`, '--target', orders)).toContain('or name@region, got');
      expect(await refusal('--source', orders, '--target', orders, '--limit', 'x')).toContain(
        '--limit must be a whole number from 0, got "x"',
      );
      expect(await refusal('--source', orders)).toContain("required option '--target <table[@region]>' not specified");
    },
    MINUTE,
  );
});

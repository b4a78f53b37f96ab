import { expect, test } from 'vitest';
import { insertOf } from '../../../shared/testing/index.ts';
import { aStream, feedOf } from '../../support/kinesalite.ts';
import { millrace, startMillrace } from './command.ts';
import { until } from './walked-orders.ts';

const MINUTE = 60_000;

async function aFeed() {
  const { endpoint, streamName, put, split, openShards } = await aStream();
  const arn = `arn:aws:kinesis:us-east-1:000000000000:stream/${streamName}`;
  const env = {
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_KINESIS: endpoint,
  };
  const write = (id: string) => put(id, feedOf(insertOf({ id, n: 1 })));
  return { arn, env, put, write, split, openShards };
}

test(
  'tail prints the changes in a Kinesis stream as those of a table, parents before their children',
  async () => {
    const { arn, env, put, write, split, openShards } = await aFeed();
    await write('a');
    await put('x', 'no change');
    await split((await openShards())[0]!.ShardId!);
    await write('b');

    const { code, out, errors } = await millrace(['tail', arn, '--since', 'trim-horizon', '--limit', '2'], env);
    const json = await millrace(
      ['tail', arn, '--since', 'trim-horizon', '--limit', '1', '--json', '--filter', 'id=b', '--filter', 'remove'],
      env,
    );

    expect(code).toBe(0);
    expect(out.replaceAll(/^\S+Z {2}/gm, '')).toBe(
      "insert  id=a  { id: 'a', n: 1 }\ninsert  id=b  { id: 'b', n: 1 }\n",
    );
    expect(errors).toMatch(/^the Kinesis record \d+ of \S+ .*\n$/);
    expect(JSON.parse(json.out)).toMatchObject({ eventName: 'INSERT', dynamodb: { Keys: { id: { S: 'b' } } } });
  },
  MINUTE,
);

test(
  'without a time it begins at what comes next',
  async () => {
    const { arn, env, write } = await aFeed();
    await write('old');

    const following = startMillrace(['tail', arn, '--limit', '1'], env);
    let count = 0;
    await until(async () => {
      count += 1;
      await write(`new-${count}`);
      return following.out().includes('new-');
    });

    expect(await following.ended).toMatchObject({ code: 0, errors: '' });
    expect(following.out()).not.toContain('old');
  },
  MINUTE,
);

test('a local engine of DynamoDB has no Kinesis', async () => {
  const arn = 'arn:aws:kinesis:us-east-1:000000000000:stream/changes';

  const { code, errors } = await millrace(['tail', arn, '--endpoint', 'http://127.0.0.1:9']);

  expect(code).toBe(2);
  expect(errors).toContain('AWS_ENDPOINT_URL_KINESIS must name one for Kinesis');
});

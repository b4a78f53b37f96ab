import { UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import type { Finding } from '../../../shared/core/operations-doctor.ts';
import { type AwsAnswer, type AwsRequest, awsEndpoint } from '../../support/aws-endpoint.ts';
import { millrace } from './command.ts';
import { walkedOrders } from './walked-orders.ts';

const MINUTE = 60_000;
const ACCOUNT = '111122223333';

/** STS, Lambda, Scheduler, CloudWatch and S3, with what a test changes. */
async function anAccount(
  stateTable: string,
  streamArn: string,
  change: (request: AwsRequest) => AwsAnswer | undefined = () => undefined,
) {
  const request = {
    pipeline: 'shop',
    subscription: 'orders',
    stateTable,
    onFailure: { kind: 's3', target: 'given-up' },
    handler: { functionArn: 'arn:aws:lambda:us-east-1:1:function:orders' },
  };
  const schedule = {
    Name: 'walk-orders',
    GroupName: 'default',
    Target: { Arn: 'arn:aws:lambda:us-east-1:1:function:w' },
  };
  const mapping = {
    UUID: 'uuid-1',
    EventSourceArn: streamArn,
    FunctionArn: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:receipts`,
    State: 'Enabled',
    LastProcessingResult: 'OK',
  };
  const { endpoint } = await awsEndpoint((asked) => {
    const { path, body } = asked;
    const changed = change(asked);
    if (changed !== undefined) return changed;
    if (path.startsWith('/2015-03-31/event-source-mappings'))
      return { body: JSON.stringify({ EventSourceMappings: [mapping] }) };
    if (path.includes('/functions/')) return { body: '{}' };
    if (path.startsWith('/schedules/')) {
      const target = { ...schedule.Target, Input: JSON.stringify(request) };
      return {
        body: JSON.stringify({ ...schedule, Target: target, State: 'ENABLED', ScheduleExpression: 'rate(1 minute)' }),
      };
    }
    if (path.startsWith('/schedules')) return { body: JSON.stringify({ Schedules: [schedule] }) };
    if (path.includes('list-type')) {
      return { headers: { 'content-type': 'application/xml' }, body: '<ListBucketResult></ListBucketResult>' };
    }
    if (body.includes('GetCallerIdentity')) {
      const arn = `arn:aws:iam::${ACCOUNT}:user/ada`;
      const result = `<GetCallerIdentityResult><Arn>${arn}</Arn></GetCallerIdentityResult>`;
      return {
        headers: { 'content-type': 'text/xml' },
        body: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${result}</GetCallerIdentityResponse>`,
      };
    }
    return {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        MetricDataResults: [{ Id: 'f0', Values: [120_000], Timestamps: [Math.floor(Date.now() / 1_000)] }],
      }),
    };
  });
  const services = ['LAMBDA', 'SCHEDULER', 'STS', 'S3', 'CLOUDWATCH'];
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    ...Object.fromEntries(services.map((service) => [`AWS_ENDPOINT_URL_${service}`, endpoint])),
  };
}

const findingsOf = (out: string): readonly string[] =>
  (JSON.parse(out).examined as { subject: string; findings: Finding[] }[]).flatMap(({ subject, findings }) =>
    findings.map(({ check, result }) => `${subject}: ${check} ${result}`),
  );

async function healthyOrders() {
  const orders = await walkedOrders();
  const TimeToLiveSpecification = { Enabled: true, AttributeName: 'removeAt' };
  await orders.dynamodb.send(new UpdateTimeToLiveCommand({ TableName: orders.stateTable, TimeToLiveSpecification }));
  await orders.write('a');
  await orders.walkUntil(1);
  return orders;
}

test(
  'doctor finds nothing where all is well, and names each check',
  async () => {
    const orders = await healthyOrders();
    const env = await anAccount(orders.stateTable, orders.streamArn);

    const { code, out } = await millrace(
      ['doctor', '--endpoint', orders.endpoint, '--state-table', orders.stateTable, '--json'],
      env,
    );

    expect(findingsOf(out)).toEqual([
      'account: credentials skipped',
      'account: state table ok',
      'account: clock ok',
      'orders: stream ok',
      'orders: permissions ok',
      'orders: readers ok',
      'orders: schedule ok',
      'orders: progress ok',
      'orders: given up ok',
      'receipts: mapping ok',
      'receipts: stream ok',
      'receipts: permissions ok',
      'receipts: readers ok',
    ]);
    expect(code).toBe(0);
  },
  MINUTE,
);

test(
  'doctor names problems with what to do about them, and ends with 1',
  async () => {
    const orders = await walkedOrders();
    await orders.write('a');
    await orders.walkUntil(1);
    const refused = { status: 403, headers: { 'x-amzn-errortype': 'AccessDeniedException' }, body: '{"message":"no"}' };
    const objects = '<Contents><Key>k</Key><LastModified>2026-02-03T04:05:06.000Z</LastModified></Contents>';
    const env = await anAccount(orders.stateTable, orders.streamArn, ({ path }) => {
      if (path.startsWith('/2015-03-31/event-source-mappings')) return refused;
      if (!path.includes('list-type')) return undefined;
      return {
        headers: { 'content-type': 'application/xml' },
        body: `<ListBucketResult>${objects}</ListBucketResult>`,
      };
    });

    const { code, out } = await millrace(
      ['doctor', 'orders', '--endpoint', orders.endpoint, '--state-table', orders.stateTable],
      env,
    );

    expect(code).toBe(1);
    expect(out).toContain('  warning  state table: its time to live is off\n           turn it on for removeAt');
    expect(out).toContain(
      '  problem  mappings: AccessDeniedException: no\n           you need lambda:ListEventSourceMappings',
    );
    expect(out).toContain('  problem  given up: 1 in s3://given-up/millrace/shop/orders/\n           mend the handler');
  },
  MINUTE,
);

test(
  'doctor does with a local engine alone, and finds a table that is not there',
  async () => {
    const orders = await healthyOrders();

    const well = await orders.run('doctor', '--json');
    const missing = await millrace(['doctor', '--endpoint', orders.endpoint, '--state-table', 'nothing']);
    const unknown = await orders.run('doctor', 'nobody');

    expect(well.code).toBe(0);
    expect(findingsOf(well.out)).toContain('orders: progress ok');
    expect(missing.code).toBe(1);
    expect(missing.out).toContain('state table: there is no such table in this region');
    expect(unknown.code).toBe(3);
  },
  MINUTE,
);

test(
  'moving to a mapping tells what comes again and which run the handler must carry on',
  async () => {
    const orders = await walkedOrders();
    await orders.write('a');
    await orders.walkUntil(1);
    const pointer = (await orders.state.pointer('orders'))!;
    const phase = {
      kind: 'streaming',
      epoch: 4,
      run: 3,
      wantedRun: 3,
      isRunDone: true,
      segments: 1,
      beganAtMs: 0,
      endsAtMs: 0,
    } as const;
    await orders.state.putControl('orders', { ...pointer, phase, revision: pointer.revision + 1 }, pointer.revision);

    const text = await orders.run('move', 'orders', '--to', 'mapping');
    const json = await orders.run('move', 'orders', '--to', 'mapping', '--json');

    expect(text.code).toBe(0);
    expect(text.out).toContain('give the subscription run: 3');
    expect(JSON.parse(json.out)).toMatchObject({ subscription: 'orders', to: 'mapping', run: 3 });
  },
  MINUTE,
);

test(
  'moving to the walker prepares a start five minutes before the time that the mapping has reached',
  async () => {
    const orders = await walkedOrders();
    const env = await anAccount(orders.stateTable, orders.streamArn);
    const where = ['--endpoint', orders.endpoint, '--state-table', orders.stateTable];

    const dry = await millrace(['move', 'receipts', '--to', 'walker', '--dry-run', ...where], env);
    expect(await orders.state.pointer('receipts')).toBeNull();
    const beforeMs = Date.now();
    const done = await millrace(['move', 'receipts', '--to', 'walker', '--yes', ...where], env);
    const pointer = await orders.state.pointer('receipts');
    const again = await millrace(['move', 'receipts', '--to', 'walker', '--yes', ...where], env);
    const nobody = await millrace(['move', 'nobody', '--to', 'walker', '--yes', ...where], env);

    expect(dry).toMatchObject({ code: 0, out: expect.stringContaining('the mapping of receipts has reached 20') });
    expect(done).toMatchObject({
      code: 0,
      out: expect.stringContaining("deploy the subscription with delivery: 'shard-walker'"),
    });
    expect(pointer).toMatchObject({ generation: 1, isPaused: false, start: { at: 'time' } });
    const { start } = pointer!;
    const startMs = start.at === 'time' ? start.momentMs : 0;
    expect(startMs).toBeGreaterThan(beforeMs - 8 * MINUTE);
    expect(startMs).toBeLessThan(beforeMs - 6.5 * MINUTE);
    expect(again).toMatchObject({ code: 3, errors: expect.stringContaining('receipts is not paused') });
    expect(nobody).toMatchObject({ code: 2 });
  },
  MINUTE,
);

test(
  'moving to the walker begins at the oldest change where nothing tells how far the mapping is',
  async () => {
    const orders = await walkedOrders();
    const silent = { headers: { 'content-type': 'application/json' }, body: '{"MetricDataResults":[]}' };
    const env = await anAccount(orders.stateTable, orders.streamArn, ({ body }) =>
      body.includes('IteratorAge') || body.includes('MetricDataQueries') ? silent : undefined,
    );

    const { code, out } = await millrace(
      [
        'move',
        'receipts',
        '--to',
        'walker',
        '--yes',
        '--endpoint',
        orders.endpoint,
        '--state-table',
        orders.stateTable,
      ],
      env,
    );

    expect(code).toBe(0);
    expect(out).toContain('all that it keeps comes again');
    expect(await orders.state.pointer('receipts')).toMatchObject({ start: { at: 'trim-horizon' } });
  },
  MINUTE,
);

test(
  'a move of what no mapping and no table stream is, is refused in one clear error',
  async () => {
    const orders = await walkedOrders();
    const arn = 'arn:aws:kinesis:us-east-1:111122223333:stream/changes';
    const pointer = { kind: 'pointer', revision: 0, generation: 1, start: { at: 'trim-horizon' } } as const;
    const stream = { kind: 'stream', revision: 0, generation: 1, stream: { arn, createdAtMs: 1 } } as const;
    await orders.state.putControl('fed', { ...pointer, startedAtMs: 0, isPaused: false, isPreviousFree: true }, null);
    const listed = { isReplacement: false, isFirstListingComplete: true, listedAtMs: 1, isDrained: false };
    await orders.state.putControl('fed', { ...stream, ...listed }, null);

    const kinesis = await orders.run('move', 'fed', '--to', 'mapping');
    const local = await orders.run('move', 'fed', '--to', 'walker');
    const doctor = await orders.run('doctor', 'fed', '--json');

    expect(kinesis).toMatchObject({ code: 2, out: '' });
    expect(kinesis.errors).toContain(`move must be of a subscription of a DynamoDB stream, got ${arn}`);
    expect(local).toMatchObject({ code: 2, out: '' });
    expect(local.errors).toContain('which no local engine has');
    expect(findingsOf(doctor.out)).toContain('fed: stream skipped');
  },
  MINUTE,
);

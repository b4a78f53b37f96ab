import { afterEach, expect, test, vi } from 'vitest';
import { handler } from '../../functions/destination-enabler.ts';
import { type AwsAnswer, awsEndpoint, awsError } from '../support/aws-endpoint.ts';

// The logger reads its level when the function is loaded.
vi.hoisted(() => {
  process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';
});

// Nothing is waited for: each look at the table finds the next of its states.
vi.mock('../../shared/clock.ts', () => ({ systemClock: { nowMs: () => Date.now(), sleep: async () => {} } }));

afterEach(() => {
  vi.unstubAllEnvs();
});

const STREAM = 'arn:aws:kinesis:us-east-1:111122223333:stream/changes';

interface Destination {
  status: string;
  precision?: string;
  description?: string;
}

/** A table as DynamoDB describes it: each change takes until the table is looked at once more. */
async function setUp(
  table: { destination?: Destination; next?: Destination; enabled?: Destination; refusals?: string[] },
  remainingMs = 60_000,
) {
  const calls: string[] = [];
  const change = (during: string, next: Destination): AwsAnswer => {
    table.destination = { ...next, status: during };
    table.next = next;
    return { body: '{}' };
  };
  const dynamodb = await awsEndpoint(({ operation, body }) => {
    const { TableName, ...given } = JSON.parse(body);
    if (TableName !== 'orders') return awsError('ResourceNotFoundException');
    const { precision, status, description } = table.destination ?? {};
    const refusal = operation.startsWith('Describe') ? undefined : table.refusals?.shift();
    if (refusal !== undefined) return awsError(refusal);
    switch (operation) {
      case 'DescribeKinesisStreamingDestination': {
        if (table.next) [table.destination, table.next] = [table.next, undefined];
        const shown = {
          StreamArn: STREAM,
          DestinationStatus: status,
          DestinationStatusDescription: description,
          ApproximateCreationDateTimePrecision: precision,
        };
        return { body: JSON.stringify({ KinesisDataStreamDestinations: status === undefined ? [] : [shown] }) };
      }
      case 'EnableKinesisStreamingDestination':
        calls.push('enable');
        return change('ENABLING', {
          status: 'ACTIVE',
          precision: given.EnableKinesisStreamingConfiguration.ApproximateCreationDateTimePrecision,
          ...table.enabled,
        });
      case 'UpdateKinesisStreamingDestination':
        calls.push('update');
        return change('UPDATING', {
          status: 'ACTIVE',
          precision: given.UpdateKinesisStreamingConfiguration.ApproximateCreationDateTimePrecision,
        });
      case 'DisableKinesisStreamingDestination':
        calls.push('disable');
        return change('DISABLING', { status: 'DISABLED' });
      default:
        return awsError('UnexpectedException');
    }
  });
  for (const [name, value] of Object.entries({
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  }))
    vi.stubEnv(name, value);
  const cloudFormation = await awsEndpoint(() => ({ status: 200 }));
  const send = async (RequestType: string, given: object = {}, properties: object = {}) => {
    const event = {
      RequestType,
      ResponseURL: `${cloudFormation.endpoint}/answer`,
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Destination',
      ResourceProperties: {
        ...{ TableName: 'orders', Region: 'us-east-1', StreamArn: STREAM, Precision: 'MICROSECOND' },
        TurnOffOnDelete: 'true',
        ...properties,
      },
      ...given,
    };
    await handler(event, { getRemainingTimeInMillis: () => remainingMs });
    return JSON.parse(cloudFormation.requests.at(-1)!.body);
  };
  return { table, calls, send };
}

test('a table begins to publish, and CloudFormation is answered once it does', async () => {
  const { table, calls, send } = await setUp({});

  const created = await send('Create');

  expect(created).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: `orders>${STREAM}#turned-on` });
  expect(calls).toEqual(['enable']);
  expect(table.destination).toEqual({ status: 'ACTIVE', precision: 'MICROSECOND' });
});

test('what another deployment has begun is waited for, and taken as it is', async () => {
  const { calls, send } = await setUp({
    destination: { status: 'ENABLING' },
    next: { status: 'ACTIVE', precision: 'MICROSECOND' },
  });

  const created = await send('Create');
  const deleted = await send('Delete', { PhysicalResourceId: created.PhysicalResourceId });

  expect(created.PhysicalResourceId).toBe(`orders>${STREAM}#adopted`);
  expect(deleted.Status).toBe('SUCCESS');
  expect(calls).toEqual([]);
});

test('a deployment that was given up between its steps is finished by the next', async () => {
  const { calls, send } = await setUp({ destination: { status: 'DISABLED' }, refusals: ['AccessDeniedException'] });

  const first = await send('Create');
  const again = await send('Create');
  const onceMore = await send('Update', { PhysicalResourceId: again.PhysicalResourceId });

  expect(first.Status).toBe('FAILED');
  expect(again).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: `orders>${STREAM}#turned-on` });
  expect(onceMore.PhysicalResourceId).toBe(again.PhysicalResourceId);
  expect(calls).toEqual(['enable']);
});

test('a table that is changed by somebody else is asked again until it listens', async () => {
  const { calls, send } = await setUp({
    refusals: ['ResourceInUseException', 'LimitExceededException', 'ResourceInUseException'],
  });

  const created = await send('Create');

  expect(created).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: `orders>${STREAM}#turned-on` });
  expect(calls).toEqual(['enable']);
});

test('a table that publishes with another precision gets the wanted one', async () => {
  const { table, calls, send } = await setUp({ destination: { status: 'ACTIVE' } });

  await send('Create');

  expect(calls).toEqual(['update']);
  expect(table.destination?.precision).toBe('MICROSECOND');
});

test('publishing that was turned on for a resource ends with it, where that is asked for', async () => {
  const { calls, send } = await setUp({ destination: { status: 'ACTIVE', precision: 'MICROSECOND' } });
  const PhysicalResourceId = `orders>${STREAM}#turned-on`;

  await send('Delete', { PhysicalResourceId }, { TurnOffOnDelete: 'false' });
  expect(calls).toEqual([]);
  await send('Delete', { PhysicalResourceId });

  expect(calls).toEqual(['disable']);
});

test('an update keeps its resource, and another stream is another one', async () => {
  const { send } = await setUp({ destination: { status: 'ACTIVE', precision: 'MICROSECOND' } });
  const PhysicalResourceId = `orders>${STREAM}#turned-on`;

  expect((await send('Update', { PhysicalResourceId })).PhysicalResourceId).toBe(PhysicalResourceId);
  const moved = await send('Update', { PhysicalResourceId: `orders>${STREAM}-old#turned-on` });
  expect(moved.PhysicalResourceId).toBe(`orders>${STREAM}#adopted`);
});

test('a table that cannot publish fails the deployment, with the reason', async () => {
  const { send } = await setUp({ enabled: { status: 'ENABLE_FAILED', description: 'no permission' } });

  expect(await send('Create')).toMatchObject({
    Status: 'FAILED',
    Reason: `the table orders cannot publish to ${STREAM}: no permission`,
  });
});

test('a table that is not there fails the deployment, and is no obstacle to a deletion', async () => {
  const { send } = await setUp({});

  const created = await send('Create', {}, { TableName: 'nowhere' });
  const deleted = await send('Delete', { PhysicalResourceId: 'nowhere>x#turned-on' }, { TableName: 'nowhere' });

  expect(created).toMatchObject({ Status: 'FAILED', Reason: 'there is no table nowhere in us-east-1' });
  expect(deleted.Status).toBe('SUCCESS');
});

test('a table that takes too long fails the deployment before the function runs out of time', async () => {
  const { send } = await setUp({ destination: { status: 'DISABLING' } }, 21_000);

  expect(await send('Create')).toMatchObject({
    Status: 'FAILED',
    Reason: 'the table orders is still DISABLING: try again later',
  });
});

test('an event that cannot be followed fails the deployment, with the field', async () => {
  const { send } = await setUp({});

  const answer = await send('Create', {}, { Precision: 'SECOND' });

  expect(answer.Status).toBe('FAILED');
  expect(answer.Reason).toContain('ResourceProperties.Precision');
});

import { expect, test } from 'vitest';
import { physicalId, turnedOnStream } from '../../shared/core/stream-request.ts';
import { applyStreamEvent, type StreamSwitch } from '../../shared/stream-resource.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:111111111111:table/orders';
const STREAM = `${TABLE}/stream/2026-01-31T12:00:00.000`;

const properties = (given: object = {}) => ({
  ServiceToken: 'arn:aws:lambda:eu-west-1:111111111111:function:enabler',
  TableName: 'orders',
  Region: 'us-east-1',
  StreamViewType: 'NEW_IMAGE',
  ...given,
});

function aSwitch(turnedOn = true) {
  const calls: unknown[][] = [];
  const stream: StreamSwitch = {
    enable: async (request) => {
      calls.push(['enable', request]);
      return { tableArn: TABLE, streamArn: STREAM, turnedOn };
    },
    disable: async (...given) => {
      calls.push(['disable', ...given]);
    },
  };
  const regions: string[] = [];
  const switchOf = (region: string) => {
    regions.push(region);
    return stream;
  };
  return { calls, regions, switchOf };
}

test("creation turns the stream on in the table's region and remembers in the id that it did", async () => {
  const { switchOf, regions } = aSwitch();

  const created = await applyStreamEvent({ RequestType: 'Create', ResourceProperties: properties() }, switchOf);

  expect(created).toEqual({ physicalId: `${TABLE}#turned-on:2026-01-31T12:00:00.000`, streamArn: STREAM });
  expect(regions).toEqual(['us-east-1']);
});

test('a stream that was on already is adopted, which the id remembers', async () => {
  const { switchOf } = aSwitch(false);

  const created = await applyStreamEvent({ RequestType: 'Create', ResourceProperties: properties() }, switchOf);

  expect(created.physicalId).toBe(`${TABLE}#adopted`);
});

test('an update never changes the id, even when it turns a stream on', async () => {
  const { switchOf, calls } = aSwitch();
  const event = {
    RequestType: 'Update',
    PhysicalResourceId: `${TABLE}#adopted`,
    ResourceProperties: properties({ ReplaceStream: STREAM }),
    OldResourceProperties: properties({ StreamViewType: 'KEYS_ONLY' }),
  };

  expect(await applyStreamEvent(event, switchOf)).toEqual({ physicalId: `${TABLE}#adopted`, streamArn: STREAM });
  expect(calls).toEqual([['enable', expect.objectContaining({ viewType: 'NEW_IMAGE', replace: STREAM })]]);
});

test('an update cannot go to another table', async () => {
  const { switchOf, calls } = aSwitch();
  const event = {
    RequestType: 'Update',
    PhysicalResourceId: `${TABLE}#adopted`,
    ResourceProperties: properties({ TableName: 'visits' }),
    OldResourceProperties: properties(),
  };

  await expect(applyStreamEvent(event, switchOf)).rejects.toThrow(
    'this resource is for the table orders in us-east-1, and cannot become one for visits in us-east-1: make another',
  );
  expect(calls).toEqual([]);
});

test.each([
  ['turned on and asked for', physicalId(TABLE, STREAM), 'true', [['disable', 'orders', STREAM]]],
  ['turned on and not asked for', physicalId(TABLE, STREAM), 'false', []],
  ['adopted and asked for', physicalId(TABLE, undefined), 'true', []],
  ['never created', 'never-created', 'true', []],
])('deletion turns off only the very stream it turned on, where asked for: %s', async (_title, id, asked, expected) => {
  const { switchOf, calls } = aSwitch();
  const event = {
    RequestType: 'Delete',
    PhysicalResourceId: id,
    ResourceProperties: properties({ TurnOffOnDelete: asked }),
  };

  expect(await applyStreamEvent(event, switchOf)).toEqual({ physicalId: id });
  expect(calls).toEqual(expected);
});

test("the stream's ARN comes back out of the id", () => {
  expect(turnedOnStream(physicalId(TABLE, STREAM))).toBe(STREAM);
  expect(turnedOnStream(physicalId(TABLE, undefined))).toBeUndefined();
});

test('an event that is not one of its own is refused, naming the field', async () => {
  const { switchOf } = aSwitch();
  const event = { RequestType: 'Create', ResourceProperties: properties({ StreamViewType: 'ALL' }) };

  await expect(applyStreamEvent(event, switchOf)).rejects.toThrow('ResourceProperties.StreamViewType');
});

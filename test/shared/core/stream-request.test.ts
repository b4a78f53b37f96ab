import { describe, expect, test } from 'vitest';
import { MillraceError } from '../../../shared/core/errors.ts';
import {
  parseStreamEvent,
  physicalId,
  type StreamRequest,
  turnedOnStream,
} from '../../../shared/core/stream-request.ts';

const properties = { TableName: 'orders', Region: 'eu-west-1', StreamViewType: 'NEW_IMAGE' };
const request: StreamRequest = {
  tableName: 'orders',
  region: 'eu-west-1',
  viewType: 'NEW_IMAGE',
  replace: undefined,
  turnOffOnDelete: false,
};

describe('CloudFormation’s event for a table’s stream', () => {
  test('of a creation says what is asked for', () => {
    expect(parseStreamEvent({ RequestType: 'Create', ResourceProperties: properties })).toEqual({
      kind: 'create',
      request,
    });
  });

  test('of an update says what was asked for before, and of which resource', () => {
    const event = {
      RequestType: 'Update',
      ResourceProperties: { ...properties, ReplaceStream: 'arn:stream', TurnOffOnDelete: 'true' },
      OldResourceProperties: properties,
      PhysicalResourceId: 'id',
    };

    expect(parseStreamEvent(event)).toEqual({
      kind: 'update',
      request: { ...request, replace: 'arn:stream', turnOffOnDelete: true },
      previous: request,
      physicalId: 'id',
    });
  });

  test('of a deletion says of which resource', () => {
    const event = { RequestType: 'Delete', ResourceProperties: properties, PhysicalResourceId: 'id' };

    expect(parseStreamEvent(event)).toEqual({ kind: 'delete', request, physicalId: 'id' });
  });

  test.each(['false', 'TRUE', ''])('turns the stream off on deletion only where that is true, not %j', (text) => {
    const event = { RequestType: 'Create', ResourceProperties: { ...properties, TurnOffOnDelete: text } };

    expect(parseStreamEvent(event).request.turnOffOnDelete).toBe(false);
  });

  test.each([
    [
      'a field that is missing',
      { RequestType: 'Create', ResourceProperties: { Region: 'x' } },
      /^ResourceProperties\.TableName: /,
    ],
    ['a kind of event that there is not', { RequestType: 'Move' }, /^RequestType: /],
    ['no event at all', 'orders', /^the event: /],
  ])('is refused by name with %s', (_title, input, message) => {
    const refused = () => parseStreamEvent(input);

    expect(refused).toThrow(MillraceError);
    expect(refused).toThrow(message);
  });
});

describe('the resource’s id', () => {
  test('says which stream was turned on for it', () => {
    const id = physicalId('arn:table/orders', 'arn:table/orders/stream/2026-01-31T00:00:00.000');

    expect(id).toBe('arn:table/orders#turned-on:2026-01-31T00:00:00.000');
    expect(turnedOnStream(id)).toBe('arn:table/orders/stream/2026-01-31T00:00:00.000');
  });

  test('says that its stream was there before', () => {
    const id = physicalId('arn:table/orders', undefined);

    expect(id).toBe('arn:table/orders#adopted');
    expect(turnedOnStream(id)).toBeUndefined();
  });
});

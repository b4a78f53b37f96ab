import { describe, expect, test } from 'vitest';
import {
  type DestinationRequest,
  destinationId,
  isSameDestination,
  parseDestinationEvent,
  wasTurnedOn,
} from '../../../shared/core/destination-request.ts';

const STREAM = 'arn:aws:kinesis:eu-west-1:111122223333:stream/changes';
const properties = { TableName: 'orders', Region: 'eu-west-1', StreamArn: STREAM, Precision: 'MICROSECOND' };
const request: DestinationRequest = {
  tableName: 'orders',
  region: 'eu-west-1',
  streamArn: STREAM,
  precision: 'MICROSECOND',
  turnOffOnDelete: false,
};

describe('CloudFormation’s event for a table’s destination', () => {
  test('of a creation says what is asked for', () => {
    expect(parseDestinationEvent({ RequestType: 'Create', ResourceProperties: properties })).toEqual({
      kind: 'create',
      request,
    });
  });

  test.each([
    ['Update', 'update'],
    ['Delete', 'delete'],
  ])('of an %s says of which resource', (RequestType, kind) => {
    const event = { RequestType, ResourceProperties: properties, PhysicalResourceId: 'id' };

    expect(parseDestinationEvent(event)).toEqual({ kind, request, physicalId: 'id' });
  });

  test.each([
    ['true', true],
    ['false', false],
    ['TRUE', false],
  ])('asks to turn publishing off on deletion where that is true: %j', (TurnOffOnDelete, expected) => {
    const event = { RequestType: 'Create', ResourceProperties: { ...properties, TurnOffOnDelete } };

    expect(parseDestinationEvent(event).request.turnOffOnDelete).toBe(expected);
  });

  test.each([
    ['a property that is missing', { ResourceProperties: { Region: 'x' } }, /^ResourceProperties\.TableName: /],
    ['another precision', { ResourceProperties: { ...properties, Precision: 'SECOND' } }, /Precision: .*"SECOND"/],
    ['another kind of event', { RequestType: 'Rollback', ResourceProperties: properties }, /^RequestType: /],
    ['an update of no resource', { RequestType: 'Update', ResourceProperties: properties }, /^PhysicalResourceId: /],
  ])('is refused for %s, which is named', (_, event, message) => {
    const parse = () => parseDestinationEvent({ RequestType: 'Create', ...event });

    expect(parse).toThrow(message);
    expect(parse).toThrow(expect.objectContaining({ name: 'MillraceError', code: 'invalid-request' }));
  });

  test('that is none is refused as a whole', () => {
    expect(() => parseDestinationEvent('Create')).toThrow(/^the event: .*"Create"/);
  });
});

describe('a physical id', () => {
  test('tells whether publishing was turned on for the resource', () => {
    expect(wasTurnedOn(destinationId(request, true))).toBe(true);
    expect(wasTurnedOn(destinationId(request, false))).toBe(false);
  });

  test('is of its table and stream, whoever turned publishing on', () => {
    for (const turnedOn of [true, false]) {
      const id = destinationId(request, turnedOn);

      expect(isSameDestination(id, { ...request, precision: 'MILLISECOND' })).toBe(true);
      expect(isSameDestination(id, { ...request, tableName: 'invoices' })).toBe(false);
      expect(isSameDestination(id, { ...request, streamArn: `${STREAM}-2` })).toBe(false);
    }
    expect(isSameDestination('id', request)).toBe(false);
  });
});

import { type FilterPattern, recordFilter } from './filter.ts';
import type { StreamViewType } from './record.ts';

/** What a record can have at one place. `absent` says why there is nothing. */
type Shape =
  | { readonly is: 'text'; readonly oneOf?: readonly string[] }
  | { readonly is: 'decimal' | 'number' | 'boolean' | 'true' }
  | { readonly is: 'object'; readonly below: (field: string) => Shape }
  | { readonly is: 'absent'; readonly because: string };

/** What carries the changes: a table's own stream, or a Kinesis stream, whose records have a form of their own. */
export type Feed = 'table' | 'kinesis';

/**
 * Why a part of a filter pattern can never match a change; `undefined` where every part can.
 *
 * Lambda accepts such a pattern and then lets nothing pass. The pattern's form is `recordFilter`'s to check.
 * @param viewType what the stream's records carry; `undefined` where it is not known.
 */
export function neverMatching(
  pattern: FilterPattern,
  viewType: StreamViewType | undefined,
  feed: Feed = 'table',
): string | undefined {
  return inObject(pattern, recordShape(feed, viewType, eventNames(pattern)), '');
}

function inObject(pattern: FilterPattern, shape: Shape, path: string): string | undefined {
  for (const [field, below] of Object.entries(pattern)) {
    if (field === '$or') {
      const branches = below as readonly FilterPattern[];
      const reason = firstReason(branches, (branch, index) => inObject(branch, shape, `${path}$or[${index}].`));
      if (reason !== undefined) return reason;
      continue;
    }
    const next = childOf(shape, field);
    const reason = Array.isArray(below)
      ? firstReason(below, (alternative) => atLeaf(alternative, next, path + field))
      : inObject(below as FilterPattern, next, `${path}${field}.`);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function childOf(shape: Shape, field: string): Shape {
  if (shape.is === 'object') return shape.below(field);
  return shape.is === 'absent' ? shape : { is: 'absent', because: 'there is a value above it, not an object' };
}

function atLeaf(alternative: unknown, shape: Shape, path: string): string | undefined {
  if (isExists(alternative, false)) return undefined;
  const reason = mismatch(alternative, shape);
  return reason && `${path} can never match ${JSON.stringify(alternative)}: ${reason}`;
}

function mismatch(alternative: unknown, shape: Shape): string | undefined {
  if (shape.is === 'absent') return shape.because;
  if (shape.is === 'object') return 'there is an object, and only the values at its ends are compared';
  if (isExists(alternative, true)) return undefined;
  const kind = kindOf(alternative);
  switch (shape.is) {
    case 'text':
      if (kind !== 'text') return 'there is text';
      return shape.oneOf !== undefined && passing(shape.oneOf, [alternative]).length === 0
        ? `there is one of ${shape.oneOf.join(', ')}`
        : undefined;
    case 'decimal':
      return kind === 'text' ? undefined : 'DynamoDB keeps numbers as text: write the number as text';
    case 'number':
      return kind === 'number' ? undefined : 'there is a number';
    case 'boolean':
      return kind === 'boolean' ? undefined : 'there is true or false';
    case 'true':
      return alternative === true ? undefined : 'DynamoDB writes null as NULL: true';
  }
}

/** The values that one of the alternatives lets pass. */
function passing(values: readonly string[], alternatives: readonly unknown[]): readonly string[] {
  const matches = recordFilter([{ value: alternatives }]);
  return values.filter((value) => matches({ value }));
}

/** The events that a pattern lets pass by their name. */
const eventNames = ({ eventName }: FilterPattern): readonly string[] =>
  Array.isArray(eventName) ? passing(EVENT_NAMES, eventName) : EVENT_NAMES;

function kindOf(alternative: unknown): string {
  if (typeof alternative === 'string') return 'text';
  if (typeof alternative !== 'object' || alternative === null) return typeof alternative;
  if ('numeric' in alternative) return 'number';
  if (!('anything-but' in alternative)) return 'text';
  const excluded = [alternative['anything-but']].flat();
  return excluded.every((one) => typeof one === 'number') ? 'number' : 'text';
}

const isExists = (alternative: unknown, wanted: boolean): boolean =>
  typeof alternative === 'object' && alternative !== null && 'exists' in alternative && alternative.exists === wanted;

function firstReason<T>(
  list: readonly T[],
  reasonOf: (one: T, index: number) => string | undefined,
): string | undefined {
  for (const [index, one] of list.entries()) {
    const reason = reasonOf(one, index);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

const TEXT: Shape = { is: 'text' };
const NUMBER: Shape = { is: 'number' };
const DECIMAL: Shape = { is: 'decimal' };

const objectOf = (what: string, fields: { readonly [field: string]: Shape }): Shape => ({
  is: 'object',
  below: (field) =>
    (Object.hasOwn(fields, field) ? fields[field] : undefined) ?? {
      is: 'absent',
      because: `${what} has ${Object.keys(fields).join(', ')}`,
    },
});

const ITEM: Shape = { is: 'object', below: () => ATTRIBUTE };
const ATTRIBUTE: Shape = objectOf('an attribute', {
  S: TEXT,
  N: DECIMAL,
  B: TEXT,
  SS: TEXT,
  NS: DECIMAL,
  BS: TEXT,
  BOOL: { is: 'boolean' },
  NULL: { is: 'true' },
  // A list matches when one of its elements does.
  L: { is: 'object', below: (field) => childOf(ATTRIBUTE, field) },
  M: ITEM,
});

function recordShape(feed: Feed, viewType: StreamViewType | undefined, events: readonly string[]): Shape {
  const image = (views: readonly StreamViewType[], without: string): Shape => {
    if (viewType !== undefined && !views.includes(viewType)) {
      return { is: 'absent', because: `records of a ${viewType} stream do not have it` };
    }
    return events.length > 0 && events.every((event) => event === without)
      ? { is: 'absent', because: `records of the event ${without} do not have it` }
      : ITEM;
  };
  const isTable = feed === 'table';
  return objectOf(isTable ? 'a record' : 'a change in a Kinesis stream', {
    eventID: TEXT,
    eventName: { is: 'text', oneOf: EVENT_NAMES },
    eventSource: { is: 'text', oneOf: ['aws:dynamodb'] },
    awsRegion: TEXT,
    ...(isTable ? { eventVersion: TEXT, eventSourceARN: TEXT } : { tableName: TEXT, recordFormat: TEXT }),
    userIdentity: objectOf('userIdentity', { principalId: TEXT, type: TEXT }),
    dynamodb: objectOf('dynamodb', {
      ApproximateCreationDateTime: NUMBER,
      Keys: ITEM,
      NewImage: image(['NEW_IMAGE', 'NEW_AND_OLD_IMAGES'], 'REMOVE'),
      OldImage: image(['OLD_IMAGE', 'NEW_AND_OLD_IMAGES'], 'INSERT'),
      SizeBytes: NUMBER,
      ...(isTable
        ? {
            SequenceNumber: TEXT,
            StreamViewType: { is: 'text', oneOf: viewType === undefined ? VIEW_TYPES : [viewType] },
          }
        : { ApproximateCreationDateTimePrecision: { is: 'text', oneOf: PRECISIONS } }),
    }),
  });
}

const VIEW_TYPES: readonly StreamViewType[] = ['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'];
const EVENT_NAMES = ['INSERT', 'MODIFY', 'REMOVE'];
const PRECISIONS = ['MILLISECOND', 'MICROSECOND'];

import { eachElement, eachMember, type OnValue, valueEnd, withoutSpace } from './json-text.ts';
import type { SourceRecord } from './ports.ts';
import type { RawItem } from './record.ts';
import { itemKeyOf, sourceRecord, type WireRecord } from './stream-record.ts';

/** What GetRecords answers with, for the walker. */
export interface StreamPage {
  readonly records: readonly SourceRecord[];
  /** `null` at the shard's end. */
  readonly next: string | null;
}

/**
 * Reads GetRecords' answer. Records are cut out of its text, not parsed: they go on as they came, and parsing and writing
 * them again would cost several times as much.
 * @throws MillraceError `invalid-record` when a record has no keys, no sequence number or no time; SyntaxError when the
 * text is no JSON.
 */
export function streamPage(text: Buffer, streamArn: string): StreamPage {
  const records: SourceRecord[] = [];
  let next: string | null = null;
  const tail = `,"eventSourceARN":${JSON.stringify(streamArn)}}`;
  const onRecord: OnValue = (_, from) => {
    const { record, end } = recordAt(text, from, tail);
    records.push(record ?? sourceRecord(JSON.parse(text.toString('utf8', from, end)) as WireRecord, streamArn));
    return end;
  };
  eachMember(text, withoutSpace(text, 0), (name, from) => {
    if (name === 'Records' && text[from] === OPEN_LIST) return eachElement(text, from, onRecord);
    const end = valueEnd(text, from);
    if (name === 'NextShardIterator') next = JSON.parse(text.toString('utf8', from, end)) as string | null;
    return end;
  });
  return { records, next };
}

const OPEN_LIST = 0x5b;
const OPEN_OBJECT = 0x7b;

/** A record that Lambda's event has as it stands, but for the stream's ARN; `null` for any other. */
function recordAt(text: Buffer, from: number, tail: string): { record: SourceRecord | null; end: number } {
  let isPlain = true;
  let sequenceNumber: unknown;
  let seconds = Number.NaN;
  let keys = { at: 0, to: 0 };
  const onField: OnValue = (name, at) => {
    const to = valueEnd(text, at);
    if (name === 'SequenceNumber') sequenceNumber = JSON.parse(text.toString('utf8', at, to));
    else if (name === 'ApproximateCreationDateTime') seconds = Number(text.toString('latin1', at, to));
    else if (name === 'Keys') keys = { at, to };
    return to;
  };
  const end = eachMember(text, from, (name, at) => {
    if (name === 'userIdentity' || name === 'eventSourceARN') isPlain = false;
    return name === 'dynamodb' && text[at] === OPEN_OBJECT ? eachMember(text, at, onField) : valueEnd(text, at);
  });
  if (
    !isPlain ||
    typeof sequenceNumber !== 'string' ||
    Number.isNaN(seconds) ||
    text[keys.at] !== OPEN_OBJECT ||
    keys.to === 0
  ) {
    return { record: null, end };
  }
  const eventText = text.toString('utf8', from, end - 1) + tail;
  const record = {
    sequenceNumber,
    createdAtMs: Math.round(seconds * 1000),
    itemKey: () => itemKeyOf(JSON.parse(text.toString('utf8', keys.at, keys.to)) as RawItem),
    text: eventText,
    get event() {
      return JSON.parse(eventText) as object;
    },
  };
  return { record, end };
}

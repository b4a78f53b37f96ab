import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { parser } from '@aws-lambda-powertools/batch/parser';
import { DynamoDBMarshalled } from '@aws-lambda-powertools/parser/helpers/dynamodb';
import { DynamoDBStreamChangeRecordBase, DynamoDBStreamRecord } from '@aws-lambda-powertools/parser/schemas/dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { z } from 'zod';
import type { StreamEventRecord } from '../../shared/core/record.ts';
import { changeHandler } from '../../shared/handler.ts';
import { answerMeasurements } from './own-process.ts';
import { cpuMs, type Measured } from './rounds.ts';
import { STUB_STREAM_ARN, wireRecord } from './stream-pages.ts';

const RECORDS = 1_000;
/** The default of a subscription, and of a mapping. */
const BATCH = 100;

type Image = Readonly<Record<string, unknown>>;
/** What both images are used for: nobody can leave out reading what is counted. */
let seen = 0;
const use = (oldImage: Image, newImage: Image): void => {
  seen += Object.keys(oldImage).length + Object.keys(newImage).length;
};

const reading = changeHandler<Image>({
  insert: () => undefined,
  modify: ({ oldImage, newImage }) => use(oldImage, newImage),
});
const notReading = changeHandler<Image>({
  modify: ({ sequenceNumber }) => {
    seen += sequenceNumber.length;
  },
});

type Attributes = Parameters<typeof unmarshall>[0];
function unmarshallLoop(records: readonly StreamEventRecord[]): void {
  for (const { dynamodb } of records) {
    use(unmarshall(dynamodb.OldImage as Attributes), unmarshall(dynamodb.NewImage as Attributes));
  }
}

const image = DynamoDBMarshalled(z.looseObject({ orderId: z.string(), status: z.string() }));
const schema = DynamoDBStreamRecord.extend({
  dynamodb: DynamoDBStreamChangeRecordBase.extend({ OldImage: image, NewImage: image }),
});
const parsing = new BatchProcessor(EventType.DynamoDBStreams, { parser, schema });

function parsed({ dynamodb }: { readonly dynamodb: { readonly OldImage: Image; readonly NewImage: Image } }): void {
  use(dynamodb.OldImage, dynamodb.NewImage);
}

interface StreamEvent {
  readonly Records: readonly StreamEventRecord[];
}

/** All records in events of so many, as Lambda's runtime makes them. */
const eventsOf = (size: number): readonly StreamEvent[] =>
  Array.from({ length: RECORDS / size }, (_, batch) => {
    const made = { Records: Array.from({ length: size }, (__, number) => eventRecord(batch * size + number)) };
    return JSON.parse(JSON.stringify(made)) as StreamEvent;
  });

// One after the other, as a stream's order asks for; the processor's types know of this for queues only.
const inOrder: object = { processInParallel: false };

/** Each event is handled several times on end: so it is as warm as one that was just parsed. */
function per(times: number, work: (event: StreamEvent) => unknown, size = BATCH): Measured {
  let events: readonly StreamEvent[] | undefined;
  return async () => {
    events ??= eventsOf(size);
    const ms = await cpuMs(async () => {
      for (const event of events!) for (let time = 0; time < times; time++) await work(event);
    });
    if (seen === 0) throw new Error('a contender must have read its changes');
    return ms / times;
  };
}

function eventRecord(number: number): StreamEventRecord {
  const { userIdentity: _, ...record } = wireRecord(number);
  return { ...record, eventSourceARN: STUB_STREAM_ARN };
}

const looping = ({ Records }: StreamEvent) => unmarshallLoop(Records);

answerMeasurements({
  read: per(20, reading),
  unread: per(200, notReading),
  loop: per(20, looping),
  powertools: per(2, (event) => processPartialResponse(event as never, parsed, parsing, inOrder)),
  'read at once': per(20, reading, RECORDS),
  'loop at once': per(20, looping, RECORDS),
});

import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { parser } from '@aws-lambda-powertools/batch/parser';
import { DynamoDBMarshalled } from '@aws-lambda-powertools/parser/helpers/dynamodb';
import { DynamoDBStreamChangeRecordBase, DynamoDBStreamRecord } from '@aws-lambda-powertools/parser/schemas/dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { z } from 'zod';
import type { StreamEventRecord } from '../../shared/core/record.ts';
import { changeHandler } from '../../shared/handler.ts';
import { answerMeasurements } from './own-process.ts';
import { cpuMs } from './rounds.ts';
import { STUB_STREAM_ARN, wireRecord } from './stream-pages.ts';

const RECORDS = 1_000;

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

const made = { Records: Array.from({ length: RECORDS }, (_, number) => eventRecord(number)) };
// As Lambda's runtime makes it.
const event = JSON.parse(JSON.stringify(made)) as typeof made;
// One after the other, as a stream's order asks for; the processor's types know of this for queues only.
const inOrder: object = { processInParallel: false };

const per = (times: number, work: () => unknown) => async () => {
  const ms = await cpuMs(async () => {
    for (let time = 0; time < times; time++) await work();
  });
  if (seen === 0) throw new Error('a contender must have read its changes');
  return ms / times;
};

function eventRecord(number: number): StreamEventRecord {
  const { userIdentity: _, ...record } = wireRecord(number);
  return { ...record, eventSourceARN: STUB_STREAM_ARN };
}

answerMeasurements({
  read: per(20, () => reading(event)),
  unread: per(200, () => notReading(event)),
  loop: per(10, () => unmarshallLoop(event.Records)),
  powertools: per(2, () => processPartialResponse(event as never, parsed, parsing, inOrder)),
});

import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { parser } from '@aws-lambda-powertools/batch/parser';
import { DynamoDBMarshalled } from '@aws-lambda-powertools/parser/helpers/dynamodb';
import { DynamoDBStreamChangeRecordBase, DynamoDBStreamRecord } from '@aws-lambda-powertools/parser/schemas/dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { z } from 'zod';
import type { StreamEventRecord } from '../shared/core/record.ts';
import { changeHandler } from '../shared/handler.ts';
import { figureOf } from './support/figure.ts';
import { alternate, cpuMs, ratioOf } from './support/rounds.ts';
import type { Row } from './support/row.ts';
import { STUB_STREAM_ARN, wireRecord } from './support/stream-pages.ts';

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

/** What a handler's processor time for an event of 1,000 changes is. */
export async function handlerCpu(): Promise<readonly Row[]> {
  const made = { Records: Array.from({ length: RECORDS }, (_, number) => eventRecord(number)) };
  // As Lambda's runtime makes it.
  const event = JSON.parse(JSON.stringify(made)) as typeof made;
  const records = event.Records;
  // One after the other, as a stream's order asks for; the processor's types know of this for queues only.
  const inOrder: object = { processInParallel: false };
  const powertools = () => processPartialResponse(event as never, parsed, parsing, inOrder);
  const cpu = await alternate(
    {
      read: per(20, () => reading(event)),
      unread: per(200, () => notReading(event)),
      loop: per(10, () => unmarshallLoop(records)),
      powertools: per(2, powertools),
    },
    { rounds: 9, warmUp: 3 },
  );
  if (seen === 0) throw new Error('the handlers must have read the images');
  const read = { what: 'handler CPU for 1,000 changes, both images read', unit: 'ms', ours: figureOf(cpu.read) };
  const unread = { what: 'handler CPU for 1,000 changes, images not read', unit: 'ms', ours: figureOf(cpu.unread) };
  const loop = { name: 'a loop of unmarshall over both images', theirs: figureOf(cpu.loop) };
  const tools = { name: 'Powertools batch and parser', theirs: figureOf(cpu.powertools) };
  const less = (some: readonly number[], others: readonly number[]) => ({
    figure: ratioOf(some, others),
    meaning: 'x less',
  });
  return [
    {
      ...read,
      comparison: loop,
      ratio: less(cpu.loop, cpu.read),
      target: { of: 'ratio', bound: 'at-least', value: 5 },
    },
    { ...read, comparison: tools, ratio: less(cpu.powertools, cpu.read), target: null },
    {
      ...unread,
      comparison: loop,
      ratio: less(cpu.loop, cpu.unread),
      target: { of: 'ratio', bound: 'at-least', value: 50 },
    },
    { ...unread, comparison: tools, ratio: less(cpu.powertools, cpu.unread), target: null },
  ];
}

const per = (times: number, work: () => unknown) => async () =>
  (await cpuMs(async () => {
    for (let time = 0; time < times; time++) await work();
  })) / times;

function eventRecord(number: number): StreamEventRecord {
  const { userIdentity: _, ...record } = wireRecord(number);
  return { ...record, eventSourceARN: STUB_STREAM_ARN };
}

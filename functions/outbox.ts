import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { changeHandler, type ItemRecord } from '../shared/handler.ts';

/** A message that was written in one transaction with what it tells of. */
interface Message {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** JSON text; ten messages together must stay below EventBridge's 256 KB. */
  readonly detail: string;
}

/** The most entries that one PutEvents takes. */
const MOST_ENTRIES = 10;

const bus = new EventBridgeClient();

/** Sends each message of an outbox table to an event bus, at least once; those after one that fails may overtake it. */
export const handler = changeHandler<Message, 'NEW_IMAGE'>({
  batch: async (changes) => {
    const inserts = changes.filter((change) => change.kind === 'insert');
    for (let from = 0; from < inserts.length; from += MOST_ENTRIES) {
      const sent = inserts.slice(from, from + MOST_ENTRIES);
      const { Entries = [] } = await bus.send(new PutEventsCommand({ Entries: sent.map(entryOf) }));
      const failed = sent.filter((_change, index) => Entries[index]?.ErrorCode !== undefined);
      if (failed.length > 0) return { failed };
    }
    return undefined;
  },
});

const entryOf = ({ newImage, approximateTime }: Extract<ItemRecord<Message, 'NEW_IMAGE'>, { kind: 'insert' }>) => ({
  EventBusName: process.env.EVENT_BUS,
  Source: newImage.source,
  DetailType: newImage.type,
  Detail: newImage.detail,
  Time: approximateTime,
});

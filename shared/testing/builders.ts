import type { ChangeEvent, EventRecord, GapNotice, RawItem, StreamViewType } from '../core/record.ts';
import { encodeItem } from './encode.ts';

/** A change of an item, as a table's stream and the Kinesis feed carry it. */
export type FeedDraft =
  | { readonly eventName: 'INSERT'; readonly newImage: object }
  | { readonly eventName: 'MODIFY'; readonly oldImage: object; readonly newImage: object }
  | { readonly eventName: 'REMOVE'; readonly oldImage: object; readonly expired: boolean };

/** A change that has no place in a stream yet: `eventOf` gives it one. */
export type ChangeDraft =
  | FeedDraft
  | { readonly eventName: 'SNAPSHOT'; readonly newImage: object; readonly run: number }
  | { readonly eventName: 'SNAPSHOT_STARTED' | 'SNAPSHOT_COMPLETE'; readonly run: number }
  | { readonly eventName: 'GAP'; readonly gap: GapNotice };

export interface EventOptions {
  /** The names of the key attributes. @default - the first attribute of each item */
  readonly keys?: readonly string[];
  /** @default 'table' */
  readonly tableName?: string;
  /** @default 'eu-west-1' */
  readonly region?: string;
  /** What the records carry of the items. @default 'NEW_AND_OLD_IMAGES' */
  readonly viewType?: StreamViewType;
  /** When the first change happened; the others follow, a second apart. @default 2026-01-01T00:00:00Z */
  readonly from?: Date;
  /** The first record's sequence number; the others are above it. @default 100000000000000000000n */
  readonly firstSequenceNumber?: bigint;
  /** The bootstrap run that every change carries. @default - none */
  readonly run?: number;
}

/** An item that was not there before. */
export const insertOf = <Item extends object>(newImage: Item): FeedDraft => ({ eventName: 'INSERT', newImage });

/** An item that was there and is different now. */
export const modifyOf = <Item extends object>(oldImage: Item, newImage: Item): FeedDraft => ({
  eventName: 'MODIFY',
  oldImage,
  newImage,
});

/** An item that is gone; `expired` by its time to live. */
export const removeOf = <Item extends object>(
  oldImage: Item,
  { expired = false }: { readonly expired?: boolean } = {},
): FeedDraft => ({ eventName: 'REMOVE', oldImage, expired });

/** An item that a bootstrap or repair run found. */
export const snapshotOf = <Item extends object>(newImage: Item, run = 1): ChangeDraft => ({
  eventName: 'SNAPSHOT',
  newImage,
  run,
});

export const snapshotStartedOf = (run = 1): ChangeDraft => ({ eventName: 'SNAPSHOT_STARTED', run });
export const snapshotCompleteOf = (run = 1): ChangeDraft => ({ eventName: 'SNAPSHOT_COMPLETE', run });

/** A gap: changes that may have been lost. */
export const gapOf = (gap: Partial<GapNotice> = {}): ChangeDraft => ({
  eventName: 'GAP',
  gap: {
    id: 'gap-1',
    reason: 'trimmed',
    shardId: 'shardId-00000001767225600000-00000001',
    after: 'the beginning of the shard',
    detectedAtMs: Date.UTC(2026, 0, 1),
    ...gap,
  },
});

/** The event that Lambda, or the walker, would send for these changes, in this order. */
export function eventOf(drafts: readonly ChangeDraft[], options: EventOptions = {}): ChangeEvent {
  return { Records: drafts.map((draft, index) => recordOf(draft, index, options)) };
}

const TTL_IDENTITY = { principalId: 'dynamodb.amazonaws.com', type: 'Service' };

function recordOf(draft: ChangeDraft, index: number, options: EventOptions): EventRecord {
  const { tableName = 'table', region = 'eu-west-1', viewType = 'NEW_AND_OLD_IMAGES', from, run } = options;
  const sequenceNumber = ((options.firstSequenceNumber ?? 10n ** 20n) + BigInt(index) * 100n).toString();
  const common = {
    eventID: BigInt(sequenceNumber).toString(16).padStart(32, '0'),
    awsRegion: region,
    eventSourceARN: `arn:aws:dynamodb:${region}:123456789012:table/${tableName}/stream/2026-01-01T00:00:00.000`,
  };
  const fromSeconds = Math.floor((from?.getTime() ?? Date.UTC(2026, 0, 1)) / 1000);
  const placed = { ApproximateCreationDateTime: fromSeconds + index, SequenceNumber: sequenceNumber };
  const items = itemsOf(draft, options);

  if (isMillrace(draft)) {
    const { eventName } = draft;
    const millrace = 'gap' in draft ? { gap: draft.gap } : { run: draft.run };
    return {
      ...common,
      eventName,
      eventVersion: '1',
      eventSource: 'millrace',
      dynamodb: { ...placed, ...items },
      millrace,
    };
  }
  const images = { Keys: items.Keys ?? {}, ...withoutImages(items, viewType) };
  return {
    ...common,
    eventName: draft.eventName,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    dynamodb: { ...placed, ...images, SizeBytes: sizeOf(images), StreamViewType: viewType },
    ...(draft.eventName === 'REMOVE' && draft.expired ? { userIdentity: TTL_IDENTITY } : {}),
    ...(run === undefined ? {} : { millrace: { run } }),
  };
}

type MillraceDraft = Extract<ChangeDraft, { readonly run: number } | { readonly gap: GapNotice }>;
const isMillrace = (draft: ChangeDraft): draft is MillraceDraft => 'run' in draft || 'gap' in draft;

interface Items {
  readonly Keys?: RawItem;
  readonly NewImage?: RawItem;
  readonly OldImage?: RawItem;
}

function itemsOf(draft: ChangeDraft, { keys }: EventOptions): Items {
  const newImage = 'newImage' in draft ? encodeItem(draft.newImage) : undefined;
  const oldImage = 'oldImage' in draft ? encodeItem(draft.oldImage) : undefined;
  const item = newImage ?? oldImage;
  if (item === undefined) return {};
  const names = keys ?? Object.keys(item).slice(0, 1);
  return {
    Keys: Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name))),
    ...(newImage && { NewImage: newImage }),
    ...(oldImage && { OldImage: oldImage }),
  };
}

function withoutImages({ NewImage, OldImage }: Items, viewType: StreamViewType): Items {
  const hasNew = NewImage !== undefined && (viewType === 'NEW_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES');
  const hasOld = OldImage !== undefined && (viewType === 'OLD_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES');
  return { ...(hasNew && { NewImage }), ...(hasOld && { OldImage }) };
}

/** Near what DynamoDB counts: names and values without JSON's punctuation. */
const sizeOf = (images: Items): number => JSON.stringify(Object.values(images)).replace(/[{}[\]",:]/g, '').length;

import type { StreamIdentity } from './ports.ts';
import type { StreamViewType } from './record.ts';

/** A table as DynamoDB describes it. */
export interface FoundTable {
  readonly tableName: string;
  /** One life of the table: a table that is deleted and made anew has another. */
  readonly tableId: string;
  readonly arn: string;
  /** DynamoDB's own word, such as `ACTIVE` or `UPDATING`. */
  readonly status: string;
  /** The stream that is on; `null` where none is. */
  readonly stream: FoundStream | null;
}

export interface FoundStream extends StreamIdentity {
  readonly viewType: StreamViewType;
}

/** Whether records of one view type hold everything that records of another would. */
export function covers(has: StreamViewType, wanted: StreamViewType): boolean {
  return has === wanted || wanted === 'KEYS_ONLY' || (has === 'NEW_AND_OLD_IMAGES' && wanted.endsWith('_IMAGE'));
}

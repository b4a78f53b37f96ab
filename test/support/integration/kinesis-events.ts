import { isKinesisRecord, kinesisChange } from '../../../shared/core/kinesis-record.ts';
import type { ChangeEvent } from '../../../shared/core/record.ts';

/** An event with the changes that Kinesis records carry in the place of the records. */
export const changesIn = (event: ChangeEvent): ChangeEvent => ({
  Records: event.Records.map((record) => (isKinesisRecord(record) ? kinesisChange(record) : record)),
});

export {
  type ChangeDraft,
  type EventOptions,
  eventOf,
  type FeedDraft,
  gapOf,
  insertOf,
  modifyOf,
  removeOf,
  snapshotCompleteOf,
  snapshotOf,
  snapshotStartedOf,
} from './builders.ts';
export { encodeItem } from './encode.ts';
export { feedData, type KinesisEventOptions, kinesisEventOf } from './kinesis-event.ts';
export { type HandlerRun, type RunOptions, runHandler } from './run-handler.ts';
export {
  type SimulatedTable,
  type SimulatedTableOptions,
  simulatedTable,
  type TableDelivery,
} from './simulated-table.ts';

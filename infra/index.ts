export type { AlarmThresholds } from './alarm-thresholds.ts';
export type { BootstrapExport, BootstrapOptions } from './bootstrap.ts';
export { ChangePipeline, type ChangePipelineProps } from './change-pipeline.ts';
export { ChangeSource } from './change-source.ts';
export { PipelineDashboard } from './dashboard.ts';
export { DeduplicateTable } from './deduplicate-table.ts';
export { DestinationEnabler } from './destination-enabler.ts';
export type { KinesisSourceOptions } from './kinesis-source.ts';
export { MeasuredSubscription, type MetricView } from './measured-subscription.ts';
export { OnFailure, type OnFailureDestination } from './on-failure.ts';
export { Parking, type ParkingOptions } from './parking.ts';
export { ParkingTable } from './parking-table.ts';
export { PipelineWatch, type WatchOptions } from './pipeline-watch.ts';
export { ShardMapFunction } from './shard-map.ts';
export { ShardWalker } from './shard-walker.ts';
export type { Delivery, MappedSource, Source, SourceLocation, WalkedSource } from './source.ts';
export type { StreamReplacement, TableSourceOptions } from './source-table.ts';
export { StateTable } from './state-table.ts';
export { StreamEnabler } from './stream-enabler.ts';
export { Subscription } from './subscription.ts';
export type {
  DeliveryOptions,
  MappingOptions,
  SubscriptionProps,
  WalkerOptions,
} from './subscription-props.ts';
export type { ThroughKinesisOptions } from './table-destination.ts';
export type { TablesSourceOptions } from './tables-source.ts';
export type { WatchedSubscription } from './watched-subscription.ts';

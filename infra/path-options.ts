import type { IConstruct } from 'constructs';
import { refuse } from './range.ts';
import type { Delivery } from './source.ts';
import type { MappingOptions, SubscriptionProps, WalkerOptions } from './subscription-props.ts';

/** Fails on a path that there is not, and on options that are the other path's. */
export function checkPath(scope: IConstruct, props: SubscriptionProps, delivery: Delivery): void {
  const refuseOptions = (names: readonly (keyof SubscriptionProps)[], owner: string, remedy = '') => {
    const given = names.find((name) => props[name] !== undefined);
    if (given === undefined) return;
    refuse(scope, `${given} is for ${owner}; this subscription takes ${delivery}${remedy}`);
  };
  switch (delivery) {
    case 'event-source-mapping':
      refuseOptions(WALKER_ONLY, 'the shard walker', ": give delivery: 'shard-walker'");
      break;
    case 'shard-walker':
      refuseOptions(MAPPING_ONLY, 'an event source mapping');
      break;
    default:
      refuse(scope, `delivery must be one of event-source-mapping, shard-walker, got ${JSON.stringify(delivery)}`);
  }
}

const MAPPING_ONLY: readonly (keyof MappingOptions)[] = [
  'reportBatchItemFailures',
  'tumblingWindow',
  'filterEncryption',
  'metricsConfig',
  'logLevel',
  'run',
];
const WALKER_ONLY: readonly (keyof WalkerOptions)[] = [
  'workers',
  'keepAwake',
  'bootstrap',
  'deliver',
  'onGap',
  'leaseDuration',
  'deliveryMargin',
];

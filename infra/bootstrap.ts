import type { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { type FilterPattern, recordFilter } from '../shared/core/filter.ts';
import type { WalkRequestInput } from '../shared/request.ts';
import { checkSeconds, checkWhole, millisecondsOf, refuse } from './range.ts';

/** How the items that a table has already are handed over. */
export interface BootstrapOptions {
  /**
   * Parts of the table that are scanned side by side. Range: 1 to 10000.
   * @default - one for each gigabyte of the table, at most 1000
   */
  readonly segments?: number;
  /**
   * How long the scan goes on before the changes since are delivered. Range: 1 second to 12 hours: the stream forgets
   * after 24.
   * @default Duration.hours(1)
   */
  readonly slice?: Duration;
  /**
   * Read units a second that the scan may take, all workers together. Range: 1 to 10000000.
   * @default - no bound
   */
  readonly readUnitsPerSecond?: number;
  /**
   * Whether the scan sees every write that came before it. An eventually consistent one costs half, and may bring an
   * item back whose delete was delivered already.
   * @default true
   */
  readonly consistentRead?: boolean;
}

/** Fails where the walker would refuse the bootstrap, and where it would hand nothing over. */
export function checkBootstrap(
  scope: IConstruct,
  bootstrap: true | BootstrapOptions,
  deliver: readonly string[] | undefined,
  filters: readonly FilterPattern[],
): void {
  const options = bootstrap === true ? {} : bootstrap;
  checkWhole(scope, 'bootstrap.segments', options.segments, 1, 10_000);
  checkSeconds(scope, 'bootstrap.slice', options.slice, 1, 12 * 60 * 60);
  checkWhole(scope, 'bootstrap.readUnitsPerSecond', options.readUnitsPerSecond, 1, 10_000_000);
  if (deliver !== undefined && !deliver.includes('snapshot')) {
    refuse(scope, `deliver must have snapshot with bootstrap, got ${JSON.stringify(deliver)}`);
  }
  if (filters.length > 0 && !filters.some(passesInserts)) {
    refuse(
      scope,
      `filters must let an INSERT pass with bootstrap, or no item would be handed over, got ${JSON.stringify(filters)}`,
    );
  }
}

/** To filters, an existing item is as it was inserted. */
const passesInserts = ({ eventName }: FilterPattern): boolean =>
  !Array.isArray(eventName) || recordFilter([{ eventName }])({ eventName: 'INSERT' });

/** As the walker is told. */
export function bootstrapRequest(
  scope: IConstruct,
  bootstrap: true | BootstrapOptions | undefined,
): WalkRequestInput['bootstrap'] {
  if (bootstrap === undefined || bootstrap === true) return bootstrap && {};
  const { segments, slice, readUnitsPerSecond, consistentRead } = bootstrap;
  return {
    segments,
    sliceMs: slice && millisecondsOf(scope, 'bootstrap.slice', slice),
    readUnitsPerSecond,
    consistentRead,
  };
}

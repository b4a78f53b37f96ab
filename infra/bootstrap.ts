import { type Duration, Token } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import { type FilterPattern, recordFilter } from '../shared/core/filter.ts';
import { exportFolder, MANIFEST_KEY } from '../shared/core/table-export.ts';
import type { WalkRequestInput } from '../shared/request.ts';
import { checkSeconds, checkWhole, millisecondsOf, refuse } from './range.ts';
import { allow } from './statement.ts';

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
  /**
   * An export of the table to S3, from which the first run takes the items instead of reading the table. Its changes begin
   * before the export's time, so it must be younger than 23 hours when the run begins. Later runs, which repair, scan the
   * table.
   * @default - the table is scanned
   */
  readonly export?: BootstrapExport;
}

/** A full export of the table, in the format DYNAMODB_JSON. */
export interface BootstrapExport {
  /** Where it is. The walker may read the export's folder, and use the bucket's key. */
  readonly bucket: s3.IBucket;
  /**
   * The key of its `manifest-summary.json`: the `ExportManifest` of `aws dynamodb describe-export`.
   */
  readonly manifest: string;
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
  checkManifest(scope, options.export?.manifest);
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

function checkManifest(scope: IConstruct, manifest: string | undefined): void {
  if (manifest === undefined || Token.isUnresolved(manifest) || MANIFEST_KEY.test(manifest)) return;
  refuse(
    scope,
    `bootstrap.export.manifest must be the key of an export's manifest, [prefix/]AWSDynamoDB/<export>/manifest-summary.json, got ${JSON.stringify(manifest)}`,
  );
}

/** What the walker needs to read the export: its folder alone. */
export function exportStatements(bootstrap: true | BootstrapOptions): readonly iam.PolicyStatement[] {
  const found = bootstrap === true ? undefined : bootstrap.export;
  if (found === undefined) return [];
  const { bucket, manifest } = found;
  // Of a manifest that only the deployment knows, the folder is not known either.
  const folder = Token.isUnresolved(manifest) ? '' : exportFolder({ bucket: bucket.bucketName, manifest });
  const key = bucket.encryptionKey;
  return [
    allow(['s3:GetObject'], [bucket.arnForObjects(`${folder}*`)]),
    ...(key === undefined ? [] : [allow(['kms:Decrypt'], [key.keyArn])]),
  ];
}

/** As the walker is told. */
export function bootstrapRequest(
  scope: IConstruct,
  bootstrap: true | BootstrapOptions | undefined,
): WalkRequestInput['bootstrap'] {
  if (bootstrap === undefined || bootstrap === true) return bootstrap && {};
  const { segments, slice, readUnitsPerSecond, consistentRead, export: found } = bootstrap;
  return {
    segments,
    sliceMs: slice && millisecondsOf(scope, 'bootstrap.slice', slice),
    readUnitsPerSecond,
    consistentRead,
    export: found && { bucket: found.bucket.bucketName, manifest: found.manifest, region: found.bucket.env.region },
  };
}

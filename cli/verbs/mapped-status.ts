import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { errorMessage, isWithoutCredentials, isWithoutRegion } from '../../shared/aws/errors.ts';
import { iteratorAges } from '../../shared/aws/iterator-age.ts';
import { kinesisRetentionMs } from '../../shared/aws/kinesis-retention.ts';
import { isKinesis, type StreamMapping, streamMappings } from '../../shared/aws/stream-mappings.ts';
import { STREAM_RETENTION_MS } from '../../shared/core/gap.ts';
import { hoursUntilLoss } from '../../shared/core/lag.ts';
import type { IteratorAge } from '../../shared/core/operations-reach.ts';
import { PARKING_ENV } from '../../shared/core/parking.ts';
import type { Session } from './session.ts';

/** A subscription by event source mapping, as Lambda and CloudWatch tell. */
export interface MappedStatus {
  readonly subscription: string;
  readonly path: 'mapping';
  /** Lambda's state of the mapping, in small letters. */
  readonly phase: string;
  readonly streamArn: string;
  readonly functionName: string;
  readonly mapping: string;
  readonly lastResult: string | null;
  /** As the function said last; `null` where it said nothing for an hour. */
  readonly lagMs: number | null;
  /** `null` also where it is not known how long a Kinesis stream keeps its records. */
  readonly hoursUntilLoss: number | null;
  /** Where its handler parks; `null`: nowhere. */
  readonly parkingTable: string | null;
}

/** The mappings of this region. Beside walked subscriptions they are left out, with a word, where Lambda refuses. */
export async function mappedStatuses(session: Session, only: string | undefined): Promise<readonly MappedStatus[]> {
  if (!session.hasLambda) return [];
  try {
    const mappings = (await streamMappings(new LambdaClient({}))).filter(
      (mapping) => only === undefined || isNamed(mapping, only),
    );
    const names = [...new Set(mappings.map(({ functionName }) => functionName))];
    const ages = await agesOf(session, names);
    const retentions = await retentionsOf(session, [...new Set(mappings.map(({ streamArn }) => streamArn))]);
    return mappings.map((mapping) =>
      mappedStatus(
        mapping,
        ages.get(mapping.functionName)?.[0]?.ageMs ?? null,
        retentions.get(mapping.streamArn) ?? null,
      ),
    );
  } catch (error) {
    if (!session.hasStateTable || isWithoutRegion(error) || isWithoutCredentials(error)) throw error;
    console.error(`event source mappings are not shown: ${errorMessage(error)}`);
    return [];
  }
}

async function agesOf(
  session: Session,
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly IteratorAge[]>> {
  try {
    return await iteratorAges(new CloudWatchClient({}), names, session.clock.nowMs());
  } catch (error) {
    console.error(`the lag of event source mappings is not shown: ${errorMessage(error)}`);
    return new Map();
  }
}

/** How long each stream keeps its records: a table's own a day, a Kinesis stream what it says, if it may be asked. */
async function retentionsOf(session: Session, arns: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const known = new Map<string, number>();
  for (const arn of arns) {
    const region = arn.split(':')[3] ?? '';
    try {
      known.set(arn, isKinesis(arn) ? await kinesisRetentionMs(session.kinesisOf(region), arn) : STREAM_RETENTION_MS);
    } catch (error) {
      console.error(
        `the time until loss is not shown for ${arn}, as its retention is not known: ${errorMessage(error)}`,
      );
    }
  }
  return known;
}

/** The construct tells a handler its subscription; another's mapping has the name of its function. */
export const nameOf = ({ environment, functionName }: StreamMapping): string =>
  environment[PARKING_ENV.subscription] || functionName;

/** A mapping is found by its subscription, its function and its id. */
export const isNamed = (mapping: StreamMapping, name: string): boolean =>
  [nameOf(mapping), mapping.functionName, mapping.uuid].includes(name);

const mappedStatus = (mapping: StreamMapping, lagMs: number | null, retentionMs: number | null): MappedStatus => ({
  subscription: nameOf(mapping),
  path: 'mapping',
  phase: mapping.state.toLowerCase(),
  streamArn: mapping.streamArn,
  functionName: mapping.functionName,
  mapping: mapping.uuid,
  lastResult: mapping.lastResult,
  lagMs,
  hoursUntilLoss: lagMs === null || retentionMs === null ? null : hoursUntilLoss(lagMs, retentionMs),
  parkingTable: mapping.environment[PARKING_ENV.table] ?? null,
});

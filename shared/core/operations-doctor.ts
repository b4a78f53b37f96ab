import { STATE_TABLE_KEYS } from './state-row.ts';

/** What one check came to. `skipped`: it could not be made. */
export interface Finding {
  readonly check: string;
  readonly result: 'ok' | 'warning' | 'problem' | 'skipped';
  readonly detail: string;
  /** What to do; none where nothing is to be done. */
  readonly remedy?: string;
}

/** Leases compare the clocks of different machines: a walker takes over what it thinks is over. */
const CLOCK_TOLERANCE_MS = 5_000;

export function checkClock(aheadMs: number | null): Finding {
  const check = 'clock';
  if (aheadMs === null) return { check, result: 'skipped', detail: 'the service does not tell its time' };
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  if (Math.abs(aheadMs) <= CLOCK_TOLERANCE_MS) return { check, result: 'ok', detail: `within ${seconds} s of AWS's` };
  return {
    check,
    result: 'warning',
    detail: `${seconds} s ${aheadMs > 0 ? 'behind' : 'ahead of'} AWS's`,
    remedy: "set this machine's clock: times that you give and ages that you see are off by as much",
  };
}

/** What is known of the state table. */
export interface StateTableFacts {
  readonly status: string;
  readonly keys: readonly string[];
  readonly isOnDemand: boolean;
  /** The most units a second that it may be given; `null`: nobody has set any. */
  readonly limits: { readonly reads: number | null; readonly writes: number | null };
  readonly replicas: readonly string[];
}

export function checkStateTable(facts: StateTableFacts | null, ttl: string | null): readonly Finding[] {
  const check = 'state table';
  if (facts === null) {
    const remedy = 'name the table that the stack made: the stateTable in the input of its schedules';
    return [{ check, result: 'problem', detail: 'there is no such table in this region', remedy }];
  }
  const findings: Finding[] = [];
  const problem = (detail: string, remedy: string, result: Finding['result'] = 'problem') =>
    findings.push({ check, result, detail, remedy });
  const { partition, sort, removeAt } = STATE_TABLE_KEYS;
  if (facts.status !== 'ACTIVE' && facts.status !== 'UPDATING')
    problem(`it is ${facts.status}`, 'wait until it is ACTIVE');
  if (facts.keys.join() !== [partition, sort].join()) {
    problem(
      `its keys are ${facts.keys.join(', ')}`,
      `it must have the keys ${partition} and ${sort}: is it the right table?`,
    );
  }
  if (facts.replicas.length > 0) {
    problem(
      `it is a global table (${facts.replicas.join(', ')})`,
      'conditions are checked in one region only, so two walkers could hold one lease: remove the replicas',
    );
  }
  if (ttl !== removeAt) {
    problem(
      `its time to live is ${ttl ?? 'off'}`,
      `turn it on for ${removeAt}, or rows of old shards stay for ever`,
      'warning',
    );
  }
  if (!facts.isOnDemand) {
    problem(
      'it is provisioned',
      'a throttled write holds a shard up: watch its throttles, or make it on-demand',
      'warning',
    );
  }
  const { reads, writes } = facts.limits;
  if (reads !== null || writes !== null) {
    const set = [...(reads === null ? [] : [`${reads} reads`]), ...(writes === null ? [] : [`${writes} writes`])];
    problem(
      `it may be given ${set.join(' and ')} a second at most`,
      'a throttled write holds a shard up: watch its throttles, or lift the limit',
      'warning',
    );
  }
  return findings.length > 0
    ? findings
    : [{ check, result: 'ok', detail: 'active, on demand, with its keys and time to live' }];
}

/** A table's stream, as it is and as the subscription knows it. */
export interface StreamFacts {
  readonly streamArn: string | null;
  readonly isStreamOn: boolean;
  readonly viewType: string | null;
}

export function checkStream(facts: StreamFacts | null, knownArn: string | null): Finding {
  const check = 'stream';
  if (facts === null) {
    return { check, result: 'problem', detail: 'the table is gone', remedy: 'restore it, or remove the subscription' };
  }
  if (facts.streamArn === null || !facts.isStreamOn) {
    const remedy = 'turn it on again: what was written meanwhile is in no stream, and a gap will tell of it';
    return { check, result: 'problem', detail: 'the table has no stream that is on', remedy };
  }
  if (knownArn !== null && knownArn !== facts.streamArn) {
    const remedy =
      'the walker reads the old one to its end and goes on with the new one, over a gap; a mapping needs a deployment';
    return {
      check,
      result: 'warning',
      detail: `the table has another stream than was read: ${facts.streamArn}`,
      remedy,
    };
  }
  if (facts.viewType !== 'NEW_AND_OLD_IMAGES') {
    const remedy = "the handler's types must say so: changeHandler<Item, '...'>";
    return { check, result: 'ok', detail: `on, with ${facts.viewType ?? 'no images'}`, remedy };
  }
  return { check, result: 'ok', detail: 'on, with new and old images' };
}

/** DynamoDB allows two readers of a shard, and advises one where replication reads as well. */
export function checkReaders(readers: readonly string[], replicas: readonly string[]): Finding {
  const check = 'readers';
  const allowed = replicas.length > 0 ? 1 : 2;
  const detail = `${readers.length} of ${allowed}: ${readers.join(', ') || 'none that is known'}`;
  if (readers.length <= allowed) return { check, result: 'ok', detail };
  const remedy =
    'let one handler hand the changes on, or use Kinesis Data Streams for DynamoDB, which takes many readers';
  return { check, result: 'problem', detail, remedy };
}

/** What ticks a subscription. */
export interface ScheduleFacts {
  readonly names: readonly string[];
  readonly disabled: readonly string[];
}

export function checkSchedule(facts: ScheduleFacts, lastWalkAgoMs: number | null, isPaused: boolean): Finding {
  const check = 'schedule';
  if (facts.names.length === 0) {
    return {
      check,
      result: 'problem',
      detail: 'no schedule ticks it',
      remedy: 'deploy the stack that has the subscription',
    };
  }
  if (facts.disabled.length > 0) {
    return {
      check,
      result: 'problem',
      detail: `disabled: ${facts.disabled.join(', ')}`,
      remedy: 'enable it: deploy, or in the console',
    };
  }
  const isLate = lastWalkAgoMs === null || lastWalkAgoMs > LATE_MS;
  if (isLate && !isPaused) {
    const detail =
      lastWalkAgoMs === null
        ? 'no walk ever ran'
        : `the last walk ran ${Math.round(lastWalkAgoMs / 60_000)} minutes ago`;
    const remedy = "see the walker's log and its throttles: reserved concurrency must be two for each worker";
    return { check, result: 'problem', detail, remedy };
  }
  return { check, result: 'ok', detail: `${facts.names.length} enabled` };
}

/** Schedules tick every minute, a minute late at most. */
const LATE_MS = 180_000;

/** Batches that were given up wait for a person. */
export function checkDeadLetters(destination: string, waiting: number): Finding {
  const check = 'given up';
  if (waiting === 0) return { check, result: 'ok', detail: `nothing in ${destination}` };
  const remedy = 'mend the handler, then millrace redrive --bucket';
  return { check, result: 'problem', detail: `${waiting} in ${destination}`, remedy };
}

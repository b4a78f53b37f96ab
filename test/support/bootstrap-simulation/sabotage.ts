import { MillraceError } from '../../../shared/core/errors.ts';
import type { LeaseKey, Source, State } from '../../../shared/core/ports.ts';
import type { ChangeEvent } from '../../../shared/core/record.ts';
import { streamArnOf } from '../../../shared/core/scan.ts';
import { type Pointer, phaseOf } from '../../../shared/core/subscription.ts';
import type { WalkPorts } from '../../../shared/walker/context.ts';
import type { BootstrapSabotage } from './simulation.ts';

/** One protection of a bootstrap turned off, at a walk's ports, and the invariants of which one must break then. */
export interface SabotagedBootstrap {
  readonly name: string;
  readonly protection: string;
  readonly breaks: readonly string[];
  readonly sabotage: BootstrapSabotage;
}

/** What a walker without the protection would do, as far as the world outside can tell. */
export const BOOTSTRAP_SABOTAGES: readonly SabotagedBootstrap[] = [
  {
    name: 'phase-epoch',
    protection: 'the check of the phase at every claim',
    breaks: ['D12'],
    sabotage: (ports) => ({ ...ports, state: withStalePhase(ports.state) }),
  },
  {
    name: 'ending-phase',
    protection: 'waiting for what the phase before has in flight',
    breaks: ['D12', 'I8'],
    sabotage: (ports) => ({ ...ports, state: withoutWaiting(ports.state) }),
  },
  {
    name: 'positions-first',
    protection: 'taking the positions before the scan',
    breaks: ['I8'],
    sabotage: (ports) => ({ ...ports, state: withLateStart(ports.state) }),
  },
  {
    name: 'run-in-version',
    protection: 'the run in the version',
    breaks: ['I8'],
    sabotage: (ports) => withoutRun(ports),
  },
  {
    name: 'complete-last',
    protection: 'snapshotComplete after everything else of the run',
    breaks: ['D12'],
    sabotage: (ports) => ({
      ...ports,
      ...(ports.scan && { scan: { ...ports.scan, source: (...of) => withoutParents(ports.scan!.source(...of)) } }),
    }),
  },
  {
    name: 'scan-proof',
    protection: 'the look at the table’s stream before a page is handed over',
    breaks: ['I8'],
    sabotage: (ports) => withPastStream(ports),
  },
  {
    name: 'consistent-reads',
    protection: 'strongly consistent reads',
    breaks: ['I8'],
    sabotage: (ports, _process, world) => {
      world.isStale = true;
      return ports;
    },
  },
];

/** The protection of this name. @throws MillraceError `invalid-request` when there is none. */
export function bootstrapSabotageOf(name: string): BootstrapSabotage {
  const found = BOOTSTRAP_SABOTAGES.find((candidate) => candidate.name === name);
  if (found) return found.sabotage;
  const allowed = BOOTSTRAP_SABOTAGES.map((candidate) => candidate.name).join(', ');
  throw new MillraceError('invalid-request', `--without must be one of ${allowed}, got ${JSON.stringify(name)}`);
}

/** Reads the pointer as it was at the last refresh. */
function withStalePhase(state: State): State {
  let seen: Pointer | null = null;
  return {
    ...state,
    control: async (subscription) => {
      const rows = await state.control(subscription);
      seen = rows.find((row): row is Pointer => row.kind === 'pointer') ?? null;
      return rows;
    },
    pointer: async (subscription) => {
      const pointer = await state.pointer(subscription);
      const isSame = pointer?.generation === seen?.generation && pointer?.isPaused === seen?.isPaused;
      return isSame ? seen : pointer;
    },
    putControl: async (subscription, next, revision) => {
      const isWritten = await state.putControl(subscription, next, revision);
      if (isWritten && next.kind === 'pointer') seen = next;
      return isWritten;
    },
  };
}

/** Takes every lease of the other phase for free. */
function withoutWaiting(state: State): State {
  let isScanning = false;
  const isOfScan = (key: LeaseKey) => key.stream.arn.startsWith('scan:');
  return {
    ...state,
    pointer: async (subscription) => {
      const pointer = await state.pointer(subscription);
      if (pointer) isScanning = phaseOf(pointer).kind === 'scanning';
      return pointer;
    },
    leases: async (key) => {
      const rows = await state.leases(key);
      return isOfScan(key) === isScanning ? rows : rows.map((row) => ({ ...row, owner: null, expiresAtMs: 0 }));
    },
  };
}

/** Begins reading at the present of half a minute later, as if the positions were taken after a part of the scan. */
function withLateStart(state: State): State {
  return {
    ...state,
    putControl: async (subscription, next, revision) => {
      if (next.kind !== 'pointer' || revision !== null) return state.putControl(subscription, next, revision);
      const start = { at: 'latest', momentMs: next.startedAtMs + 30_000 } as const;
      await state.putControl(subscription, { ...next, start }, revision);
      // So that the walk reads what was written.
      return false;
    },
  };
}

/** While it scans, it takes the stream of the run for the table's present one. */
function withPastStream(ports: WalkPorts): WalkPorts {
  const { state, source, scan } = ports;
  let isScanning = false;
  let scanned = '';
  const noting = (plain: Source): Source => ({
    ...plain,
    read: (stream, iterator) => {
      scanned = streamArnOf(stream);
      return plain.read(stream, iterator);
    },
  });
  return {
    ...ports,
    state: {
      ...state,
      pointer: async (subscription) => {
        const pointer = await state.pointer(subscription);
        if (pointer) isScanning = phaseOf(pointer).kind === 'scanning';
        return pointer;
      },
    },
    source: {
      ...source,
      current: async () =>
        isScanning ? { kind: 'stream', stream: { arn: scanned, createdAtMs: 0 }, open: true } : source.current(),
    },
    ...(scan && { scan: { ...scan, source: (...of) => noting(scan.source(...of)) } }),
  };
}

function withoutRun(ports: WalkPorts): WalkPorts {
  return {
    ...ports,
    sink: {
      deliver: (batch) => {
        const { Records } = JSON.parse(batch.payload) as ChangeEvent;
        const unmarked = Records.map((record) => ({ ...record, millrace: {} }));
        return ports.sink.deliver({ ...batch, payload: JSON.stringify({ Records: unmarked }) });
      },
    },
  };
}

function withoutParents(source: Source): Source {
  return {
    ...source,
    listShards: async (stream, after) => {
      const page = await source.listShards(stream, after);
      if (page.kind !== 'page') return page;
      return {
        ...page,
        shards: page.shards.map((shard) => ({
          ...shard,
          parents: shard.shardId === 'complete' ? ['started'] : shard.parents,
        })),
      };
    },
  };
}

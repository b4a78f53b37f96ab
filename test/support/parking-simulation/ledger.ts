import type { SimulatedRecord } from '../../../shared/testing/simulated-record.ts';
import type { Process } from '../simulation/process.ts';

export interface Violation {
  readonly invariant: 'I1' | 'I2' | 'queue';
  readonly message: string;
}

/** What really happened to every change, and what must never happen to one. */
export interface Ledger {
  readonly violations: Violation[];
  readonly written: (record: SimulatedRecord) => void;
  /** The user's function begins with a change. The result tells how it ended. */
  readonly given: (process: Process, eventId: string) => { readonly ended: (isAccepted: boolean) => void };
  readonly discarded: (eventId: string) => void;
  /** Changes that were neither accepted nor discarded, in words. */
  readonly unsettled: () => readonly string[];
  readonly counts: () => { readonly written: number; readonly given: number };
}

interface Truth {
  readonly record: SimulatedRecord;
  isGiven: boolean;
  isSettled: boolean;
}

export function ledgerOf(): Ledger {
  const violations: Violation[] = [];
  const truths = new Map<string, Truth>();
  /** In the order of the writes. */
  const byItem = new Map<string, Truth[]>();
  const running = new Set<{ readonly process: Process; readonly key: string; readonly eventId: string }>();
  let given = 0;

  const violate = (invariant: Violation['invariant'], message: string) => violations.push({ invariant, message });
  const truthOf = (eventId: string): Truth => {
    const truth = truths.get(eventId);
    if (truth) return truth;
    throw new Error(`the function was given ${eventId}, which nobody wrote`);
  };

  return {
    violations,
    written: (record) => {
      const truth = { record, isGiven: false, isSettled: false };
      truths.set(record.event.eventID, truth);
      byItem.set(record.key, [...(byItem.get(record.key) ?? []), truth]);
    },
    given: (process, eventId) => {
      given += 1;
      const truth = truthOf(eventId);
      const { key, sequenceNumber } = truth.record;
      const other = [...running].find((run) => run.key === key && !run.process.isDead());
      if (other) {
        violate(
          'I2',
          `${other.eventId} in ${other.process.name} and ${eventId} in ${process.name}: ${key} twice in flight`,
        );
      }
      if (!truth.isGiven) {
        const changes = byItem.get(key) ?? [];
        const older = changes.slice(0, changes.indexOf(truth)).find(({ isSettled }) => !isSettled);
        if (older) {
          violate('I2', `${sequenceNumber} of ${key} first arrives before ${older.record.sequenceNumber} is settled`);
        }
        truth.isGiven = true;
      }
      const run = { process, key, eventId };
      running.add(run);
      return {
        ended: (isAccepted) => {
          running.delete(run);
          if (isAccepted) truth.isSettled = true;
        },
      };
    },
    discarded: (eventId) => {
      truthOf(eventId).isSettled = true;
    },
    unsettled: () =>
      [...truths.values()]
        .filter(({ isSettled }) => !isSettled)
        .map(({ record }) => `${record.sequenceNumber} (event ${record.event.eventID}) of ${record.key}`),
    counts: () => ({ written: truths.size, given }),
  };
}

import type { Marker, ParkedChange, ParkingStore } from '../core/parking.ts';

/** A parking store in memory: strongly consistent, each write atomic and conditional as the port asks. */
export interface SimulatedParking extends ParkingStore {
  /** What waits now: every marker with its changes, oldest first. */
  readonly parked: () => readonly { readonly marker: Marker; readonly changes: readonly ParkedChange[] }[];
}

export function simulatedParking(): SimulatedParking {
  const markers = new Map<string, Marker>();
  const queues = new Map<string, Map<number, ParkedChange>>();

  const queueOf = ({ queue }: Marker): Map<number, ParkedChange> => {
    const changes = queues.get(queue) ?? new Map<number, ParkedChange>();
    queues.set(queue, changes);
    return changes;
  };
  const isAsRead = (previous: Marker): boolean => {
    const current = markers.get(previous.item);
    return current?.queue === previous.queue && current.revision === previous.revision;
  };

  return {
    markers: async (limit, from) => {
      const rest = [...markers.values()]
        .sort((a, b) => (a.item < b.item ? -1 : 1))
        .filter(({ item }) => from === null || item > from);
      const page = rest.slice(0, limit);
      return { markers: page, next: rest.length > limit ? page.at(-1)!.item : null };
    },
    marker: async (item) => markers.get(item) ?? null,
    holds: async (marker, eventId) => [...queueOf(marker).values()].some(({ record }) => record.eventID === eventId),
    change: async (marker, number) => queueOf(marker).get(number) ?? null,
    park: async (previous, next, change) => {
      if (previous === null ? markers.has(next.item) : !isAsRead(previous)) return false;
      queueOf(next).set(change.number, structuredClone(change));
      markers.set(next.item, Object.freeze({ ...next }));
      return true;
    },
    update: async (previous, next) => {
      if (!isAsRead(previous)) return false;
      markers.set(next.item, Object.freeze({ ...next }));
      return true;
    },
    settle: async (previous, next, change) => {
      if (!isAsRead(previous)) return false;
      queueOf(previous).delete(change.number);
      if (next === null) {
        markers.delete(previous.item);
        queues.delete(previous.queue);
      } else markers.set(next.item, Object.freeze({ ...next }));
      return true;
    },
    parked: () =>
      [...markers.values()].map((marker) => ({
        marker,
        changes: [...queueOf(marker).values()].sort((a, b) => a.number - b.number),
      })),
  };
}

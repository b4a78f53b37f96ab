import type { Marker, ParkingStore } from '../core/parking.ts';

const PAGE = 100;

/** Every marker there is: those that waited longest first, but after all that have not failed a redrive as often. */
export async function allMarkers(store: ParkingStore): Promise<readonly Marker[]> {
  const markers: Marker[] = [];
  for (let from: string | null = null, isLast = false; !isLast; ) {
    const page = await store.markers(PAGE, from);
    markers.push(...page.markers);
    from = page.next;
    isLast = from === null;
  }
  return markers.sort((a, b) => a.failedRedrives - b.failedRedrives || a.parkedAtMs - b.parkedAtMs);
}

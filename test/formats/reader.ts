import type { LeaseRow } from '../../shared/core/lease.ts';
import type { Marker } from '../../shared/core/parking.ts';
import { markerOf, type ParkingItem } from '../../shared/core/parking-row.ts';
import type { GapNotice } from '../../shared/core/record.ts';
import { controlRow, gapRow, leaseRow, type StateItem } from '../../shared/core/state-row.ts';
import type { ControlRow } from '../../shared/core/subscription.ts';
import { type RegistryRow, registryRow } from '../../shared/core/table-row.ts';
import { parseWalkRequest, type WalkRequest } from '../../shared/request.ts';

/** What a release reads, by what it is. */
export interface Reader {
  readonly request: (input: unknown) => WalkRequest;
  readonly control: (item: StateItem) => ControlRow;
  readonly lease: (item: StateItem) => LeaseRow;
  readonly gap: (item: StateItem) => GapNotice;
  readonly registry: (item: StateItem) => RegistryRow;
  readonly marker: (item: ParkingItem) => Marker;
}

/** Reads the requests and rows of this release; each release's own is kept beside what it wrote. */
export const reader: Reader = {
  request: parseWalkRequest,
  control: controlRow,
  lease: leaseRow,
  gap: gapRow,
  registry: registryRow,
  marker: markerOf,
};

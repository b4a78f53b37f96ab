import { itemOf } from '../core/change.ts';
import type { AnyChange } from '../core/change-reader.ts';
import { MillraceError } from '../core/errors.ts';
import type { CallEnd } from '../core/parking.ts';
import type { EventRecord } from '../core/record.ts';
import type { BatchFunction, BatchResult } from './functions.ts';
import { runInOrder, type Unit } from './in-order.ts';
import type { Routed } from './route.ts';
import { noteFailure, noteHandled, type Run } from './run.ts';

interface Member extends Routed {
  readonly index: number;
  readonly record: EventRecord;
}

interface BulkUnit extends Unit {
  readonly members: Member[];
}

/** One item's name for all items: a whole batch is one unit. */
const ALL = '';

/** Runs one call for many records; resolves with the place of the first that is not settled, or `null`. */
export function runBulk(
  run: Run,
  records: readonly EventRecord[],
  concurrency: number,
  call: BatchFunction<AnyChange>,
  grouping: 'batch' | 'item',
): Promise<number | null> {
  const units: BulkUnit[] = [];
  let open = new Map<string, BulkUnit>();
  for (const [index, record] of records.entries()) {
    const item = itemOf(record);
    const place = item === null || grouping === 'item' ? item : ALL;
    const routed = routeOf(run, record);
    if (routed === null) {
      units.push({ index, item: null, members: [] });
      break;
    }
    if (place === null) open = new Map();
    const unit = place === null ? undefined : open.get(place);
    if (unit) unit.members.push({ ...routed, index, record });
    else {
      const begun = { index, item: place, members: [{ ...routed, index, record }] };
      units.push(begun);
      if (place !== null) open.set(place, begun);
    }
  }
  return runInOrder(units, concurrency, (unit) => runUnit(run, unit, call));
}

/** Handles one record alone, as a redrive does. */
export async function handleInBulk(
  run: Run,
  record: EventRecord,
  call: BatchFunction<AnyChange>,
  end: CallEnd,
): Promise<void> {
  const { change } = run.router.route(record);
  const [failed] = await callFor(run, [{ change, record }], [0], call, end);
  if (failed !== undefined) throw returnedAsFailed();
}

/** `null` for a record that cannot be routed: nothing behind it may run. */
function routeOf(run: Run, record: EventRecord): Routed | null {
  try {
    return run.router.route(record);
  } catch (error) {
    noteFailure(run, [record], error);
    return null;
  }
}

async function runUnit(run: Run, { index, item, members }: BulkUnit, call: BatchFunction<AnyChange>) {
  const [first] = members;
  if (first === undefined) return index;
  const records = members.map((member) => member.record);
  try {
    if (item === null) {
      await first.handle?.(first.change, run.contextOf(records));
      noteHandled(run, first.change.kind);
      return null;
    }
    const unsettled = run.guard
      ? await run.guard.settleAll(records, (places, end) => callFor(run, members, places, call, end))
      : await callFor(run, members, [...members.keys()], call).then(firstReturned);
    if (unsettled === null) return null;
    const { record, index: failedAt } = members[unsettled.place]!;
    noteFailure(run, [record], unsettled.error);
    return failedAt;
  } catch (error) {
    noteFailure(run, records, error);
    return index;
  }
}

function firstReturned([place]: readonly number[]) {
  return place === undefined ? null : { place, error: returnedAsFailed() };
}

const returnedAsFailed = () => new Error('the batch function returned it as failed');

/** Calls the function for the members at these places; resolves with the places that it could not settle, in order. */
async function callFor(
  run: Run,
  members: readonly Pick<Member, 'change' | 'record'>[],
  places: readonly number[],
  call: BatchFunction<AnyChange>,
  end?: CallEnd,
): Promise<readonly number[]> {
  const some = places.map((place) => members[place]!);
  const result = await call(
    some.map(({ change }) => change),
    run.contextOf(
      some.map(({ record }) => record),
      end,
    ),
  );
  const failed = failedIn(some, result).map((member) => places[member]!);
  const settled = failed[0] === undefined ? some : some.slice(0, places.indexOf(failed[0]));
  for (const { change } of settled) noteHandled(run, change.kind);
  return failed;
}

/** Which members the function returned as failed, in order. */
function failedIn(members: readonly { readonly change: AnyChange }[], result: unknown): readonly number[] {
  if (!isBatchResult(result) || result.failed.length === 0) return [];
  const failed = new Set(result.failed.map((change) => change.sequenceNumber));
  const found = [...members.keys()].filter((index) => failed.has(members[index]!.change.sequenceNumber));
  if (found.length > 0) return found;
  throw new MillraceError(
    'handler',
    `failed must name changes of the batch, got the sequence numbers ${[...failed].join(', ')}`,
  );
}

const isBatchResult = (result: unknown): result is BatchResult =>
  typeof result === 'object' && result !== null && 'failed' in result && Array.isArray(result.failed);

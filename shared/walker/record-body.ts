import type { SourceRecord } from '../core/ports.ts';
import { runOfChange } from '../core/run.ts';
import { phaseOf } from '../core/subscription.ts';
import type { WalkContext, WalkPorts } from './context.ts';

/** Whether the subscription's filters refuse a record; what nobody can read passes them, so that the handler fails. */
export const isRefused = ({ accepts }: WalkPorts, record: SourceRecord): boolean =>
  accepts !== undefined && record.content !== null && !accepts(record.content ?? record.event);

/** A record's text in the event, with its mark. */
export function bodyOf(record: SourceRecord, mark: object | null): string {
  if (record.text === undefined)
    return JSON.stringify(mark === null ? record.event : { ...record.event, millrace: mark });
  return mark === null ? record.text : `${record.text.slice(0, -1)},"millrace":${JSON.stringify(mark)}}`;
}

/** What a record is marked with: the run, and the generation where the source is to tell it; `null` for nothing. */
export function markOf({ ports, pointer }: WalkContext, createdAtMs: number): object | null {
  const phase = phaseOf(pointer);
  const marksGeneration = ports.source.marksGeneration === true && pointer.generation > 1;
  if (phase.run === 0 && !marksGeneration) return null;
  return {
    ...(phase.run > 0 && { run: runOfChange(phase, createdAtMs) }),
    ...(marksGeneration && { generation: pointer.generation }),
  };
}

import { STREAM_RETENTION_MS } from './gap.ts';
import type { Source } from './ports.ts';

/** How long a source keeps its records (milliseconds): a day unless it says otherwise. What a scan reads never expires. */
export const retentionOf = ({ retentionMs }: Pick<Source, 'retentionMs'>): number =>
  retentionMs === undefined || retentionMs === Number.POSITIVE_INFINITY ? STREAM_RETENTION_MS : retentionMs;

import type { Clock } from '../core/ports.ts';
import type { TailNotice, TailSource } from '../core/tail-source.ts';

/** What a tail touches: it holds no lease, and writes nothing. */
export interface TailPorts {
  readonly source: TailSource;
  readonly clock: Clock;
  readonly report: (notice: TailNotice) => void;
  readonly random: () => number;
}

import type { SimulatedClock } from '../../../shared/testing/simulated-clock.ts';

/** Notes what happens; the text is made only where somebody reads it. */
export type Trace = (text: () => string) => void;

export const NO_TRACE: Trace = () => undefined;

/** A trace whose lines begin with the simulated time since the beginning. */
export function traceTo(lines: string[], clock: SimulatedClock): Trace {
  const startMs = clock.nowMs();
  return (text) => lines.push(`${elapsed(clock.nowMs() - startMs)}  ${text()}`);
}

/** `1:02:03.456` */
export function elapsed(ms: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const hours = Math.floor(ms / 3_600_000);
  return `${hours}:${two((ms / 60_000) % 60)}:${two((ms / 1_000) % 60)}.${String(ms % 1_000).padStart(3, '0')}`;
}

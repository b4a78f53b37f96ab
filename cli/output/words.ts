/** A duration in its two largest units: `45 s`, `2 m 10 s`, `3 h 05 m`, `2 d 1 h`. */
export function durationText(ms: number): string {
  const seconds = Math.round(Math.max(0, ms) / 1_000);
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3_600), Math.floor(seconds / 60)];
  if (days > 0) return `${days} d ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${two(minutes % 60)} m`;
  if (minutes > 0) return `${minutes} m ${two(seconds % 60)} s`;
  return `${seconds} s`;
}

/** A moment and how long ago it was. */
export const momentText = (ms: number, nowMs: number): string => `${timeText(ms)} (${durationText(nowMs - ms)} ago)`;

/** A moment in UTC, to the second. */
export const timeText = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

export const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

const two = (count: number): string => String(count).padStart(2, '0');

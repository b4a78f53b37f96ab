/** Durations in milliseconds, so that a test's times read as they are meant. */
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

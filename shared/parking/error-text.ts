import { thrownText } from '../handler/thrown.ts';

const LONGEST = 4_000;

/** An error as it is kept beside a parked change: name and message first, then the stack and what caused it. */
export function errorText(error: unknown): string {
  const text = textOf(error);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)} ...` : text;
}

function textOf(error: unknown): string {
  try {
    return error instanceof Error ? withCauses(error) : thrownText(error);
  } catch {
    return thrownText(error);
  }
}

function withCauses(error: Error): string {
  const head = `${error.name}: ${error.message}`;
  const stack = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
  const cause = error.cause instanceof Error ? [`caused by ${error.cause.name}: ${error.cause.message}`] : [];
  return [head.replaceAll('\n', ' '), ...cause, ...stack].join('\n');
}

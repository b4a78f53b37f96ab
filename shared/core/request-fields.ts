import * as v from 'valibot';

/** A whole number of a range. */
export const whole = (min: number, max: number) =>
  v.pipe(
    v.number(`a whole number from ${min} to ${max}`),
    v.integer(`a whole number from ${min} to ${max}`),
    v.minValue(min, `a whole number from ${min} to ${max}`),
    v.maxValue(max, `a whole number from ${min} to ${max}`),
  );
/** A text that is not empty; `what` says what it has to be. */
export const text = (what: string) => v.pipe(v.string(what), v.minLength(1, what));
/** An object whose missing fields are named with what they should have been. */
export const fields = <const T extends v.ObjectEntries>(what: string, entries: T) => ({
  ...v.strictObject(entries, (issue) => {
    if (issue.expected === 'never') return 'left out: there is no such field';
    const field = issue.expected?.match(/^"(.+)"$/)?.[1];
    const entry = field === undefined || issue.received !== 'undefined' ? undefined : entries[field];
    return entry === undefined ? what : messageOf(entry);
  }),
  what,
});
/** What a schema's own message says is allowed. */
function messageOf(schema: v.GenericSchema): string {
  if ('what' in schema && typeof schema.what === 'string') return schema.what;
  const first = 'pipe' in schema && Array.isArray(schema.pipe) ? (schema.pipe[0] as v.GenericSchema) : schema;
  return 'message' in first && typeof first.message === 'string' ? first.message : `a ${first.expects}`;
}
/** One of some texts. */
export const oneOf = <const T extends readonly [string, ...string[]]>(...allowed: T) =>
  v.picklist(allowed, `one of ${allowed.map((value) => JSON.stringify(value)).join(', ')}`);

/** What an issue says is allowed. */
export function allowed(issue: v.BaseIssue<unknown>): string {
  return issue.message.startsWith('Invalid') ? String(issue.expected) : issue.message;
}

/** A value as a message shows it. */
export function shown(value: unknown): string {
  return value === undefined ? 'nothing' : (JSON.stringify(value)?.slice(0, 200) ?? String(value));
}

/** Which tables a subscription is for. Globs know `*` (any text, also none) and `?` (one character), and match whole names. */
export interface TablePattern {
  /** Globs of which one has to match. */
  readonly include: readonly string[];
  /** Globs of which none may match; they win over `include`. */
  readonly exclude: readonly string[];
  /** Tags that a table must have, all of them; a value is a glob, too. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Whether a table matches, and what decided: a sentence's end for a person, such as `matches prod-*`. */
export interface TableVerdict {
  readonly matches: boolean;
  readonly why: string;
}

/**
 * Marks every table that a pipeline itself makes. No pattern ever matches one: to read the state table's stream would
 * write to the state table.
 */
export const OWN_TABLE_TAG = 'millrace:own-table';

/** Judges a table by its name alone; `null` where that is not enough, because its name matches and its tags count. */
export function judgeName(pattern: TablePattern, tableName: string): TableVerdict | null {
  const excluded = pattern.exclude.find((glob) => matchesGlob(glob, tableName));
  if (excluded !== undefined) return { matches: false, why: `is excluded by ${excluded}` };
  if (includedBy(pattern, tableName) === undefined) {
    return { matches: false, why: `matches none of ${pattern.include.join(', ')}` };
  }
  return null;
}

/** Judges a table by its name and its tags. */
export function judgeTable(
  pattern: TablePattern,
  tableName: string,
  tags: Readonly<Record<string, string>>,
): TableVerdict {
  const byName = judgeName(pattern, tableName);
  if (byName !== null) return byName;
  if (tags[OWN_TABLE_TAG] !== undefined) return { matches: false, why: 'is a table of a Millrace pipeline itself' };
  const wanted = Object.entries(pattern.tags);
  for (const [name, glob] of wanted) {
    const value = tags[name];
    if (value === undefined) return { matches: false, why: `has no tag ${name}` };
    if (!matchesGlob(glob, value)) return { matches: false, why: `has the tag ${name}=${value}, not ${name}=${glob}` };
  }
  const tagged = wanted.map(([name]) => ` and has the tag ${name}=${tags[name]}`).join('');
  return { matches: true, why: `matches ${includedBy(pattern, tableName)}${tagged}` };
}

const includedBy = (pattern: TablePattern, tableName: string): string | undefined =>
  pattern.include.find((glob) => matchesGlob(glob, tableName));

/** Whether a glob matches a whole text; in time that grows with glob times text, whatever the glob. */
export function matchesGlob(glob: string, text: string): boolean {
  let [g, t] = [0, 0];
  /** Where the last star stands, and how much of the text it has taken. */
  let [star, taken] = [-1, 0];
  while (t < text.length) {
    if (glob[g] === '*') {
      [star, taken] = [g, t];
      g += 1;
    } else if (g < glob.length && (glob[g] === '?' || glob[g] === text[t])) {
      g += 1;
      t += 1;
    } else if (star >= 0) {
      taken += 1;
      [g, t] = [star + 1, taken];
    } else {
      return false;
    }
  }
  while (glob[g] === '*') g += 1;
  return g === glob.length;
}

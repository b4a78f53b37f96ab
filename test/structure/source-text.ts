/** A string literal, a comment or a template of TypeScript; one alternative each, in the order of the groups below. */
const TOKEN = /(\/\*[\s\S]*?\*\/|\/\/[^\n]*)|('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|(`(?:\\.|[^`\\])*`)/g;

/** The source with its comments left out. */
export const withoutComments = (source: string): string =>
  source.replace(TOKEN, (token, comment: string | undefined) => (comment === undefined ? token : ' '));

/** The source with its comments and the contents of its strings left out; what templates interpolate stays. */
export const withoutText = (source: string): string =>
  source.replace(
    TOKEN,
    (_token, comment: string | undefined, text: string | undefined, template: string | undefined) =>
      comment !== undefined ? ' ' : text !== undefined ? "''" : interpolations(template ?? ''),
  );

const interpolations = (template: string): string =>
  [...template.matchAll(/\$\{([^}]*)\}/g)].map(([, expression]) => ` (${expression}) `).join('') || "''";

const STATEMENT = /(?:^|[;\n])\s*(?:import|export)\b[^;'"()]*?\bfrom\s*['"]([^'"]+)['"]/g;
const SIDE_EFFECT = /(?:^|[;\n])\s*import\s*['"]([^'"]+)['"]/g;
const CALL = /\b(?:import|require)\s*\(\s*['"`]([^'"`]+)['"`]/g;

/** What a source imports, types included, as it is written there. */
export function importsOf(source: string): readonly string[] {
  const code = withoutComments(source);
  return [STATEMENT, SIDE_EFFECT, CALL].flatMap((form) => [...code.matchAll(form)].map(([, specifier]) => specifier!));
}

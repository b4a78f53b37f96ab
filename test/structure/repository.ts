import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** What .gitignore leaves out, and what editors and tools keep for themselves. */
const LEFT_OUT = /^(node_modules|dist|cdk\.out|coverage|reports|\..*)$/;

/** The repository's files, by path from the root, with slashes. */
export const repositoryFiles = (folder = ''): readonly string[] =>
  readdirSync(`${ROOT}${folder}`, { withFileTypes: true })
    .filter((entry) => !LEFT_OUT.test(entry.name))
    .flatMap((entry) => {
      const path = `${folder}${entry.name}`;
      return entry.isDirectory() ? repositoryFiles(`${path}/`) : [path];
    });

export const readRepositoryFile = (path: string): string => readFileSync(`${ROOT}${path}`, 'utf8');

/** The TypeScript of the repository, by path. */
export const repositorySources = (): ReadonlyMap<string, string> =>
  new Map(
    repositoryFiles()
      .filter((path) => path.endsWith('.ts'))
      .map((path) => [path, readRepositoryFile(path)]),
  );

import { expect, test } from 'vitest';
import { readRepositoryFile, repositoryFiles, repositorySources } from './repository.ts';
import { withoutComments } from './source-text.ts';

/** Names that say nothing of what a file holds. */
const EMPTY_NAME = /(^|[-/])(utils?|helpers?|managers?|services?|base)([-.]|$)/;
const FILE_NAME = /^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.test-d|\.d)?\.ts$/;

const sources = repositorySources();

test('files are named by nouns in kebab-case that say what they hold', () => {
  const paths = [...sources.keys()];

  expect(paths.filter((path) => EMPTY_NAME.test(path))).toEqual([]);
  expect(paths.filter((path) => !FILE_NAME.test(path.split('/').at(-1) ?? '') && !path.endsWith('.config.ts'))).toEqual(
    [],
  );
});

test('no test is skipped, focused or left to do', () => {
  const unfinished = /\b(test|it|describe|suite)\.(skip|only|todo|skipIf|runIf)\b/;
  const offenders = [...sources].filter(([, source]) => unfinished.test(withoutComments(source)));

  expect(offenders.map(([path]) => path).filter((path) => path !== 'test/structure/repository.test.ts')).toEqual([]);
});

test('no work is left as a note in a source', () => {
  const offenders = [...sources].filter(([, source]) => /\b(TODO|FIXME|XXX|HACK)\b/.test(source));

  expect(offenders.map(([path]) => path).filter((path) => path !== 'test/structure/repository.test.ts')).toEqual([]);
});

test('every tool that the repository itself uses is pinned to one version', () => {
  const manifest = JSON.parse(readRepositoryFile('package.json')) as Record<string, Record<string, string>>;
  const versions = Object.entries(manifest.devDependencies ?? {});

  expect(versions.length).toBeGreaterThan(10);
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test('all packages of Powertools have one version, and the CDK command is of the line that reads the library', () => {
  const manifest = JSON.parse(readRepositoryFile('package.json')) as Record<string, Record<string, string>>;
  const powertools = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(([name]) =>
    name.includes('powertools'),
  );

  expect(new Set(powertools.map(([, version]) => version)).size).toBe(1);
  expect(manifest.devDependencies?.['aws-cdk']).toMatch(/^2\.1148\./);
});

test('everything that continuous integration runs can be run by hand', () => {
  const scripts = (JSON.parse(readRepositoryFile('package.json')) as { scripts: Record<string, string> }).scripts;
  const steps = [...readRepositoryFile('.ci/run').matchAll(/^step npm (?:run )?([\w:]+)/gm)].map(([, name]) => name!);

  expect(steps).toEqual(['ci', 'test', 'start', 'test:package']);
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(steps.slice(1)));
  expect(repositoryFiles()).toContain('LICENSE');
});

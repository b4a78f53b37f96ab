import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Reader, reader } from './reader.ts';
import { type Sample, samples } from './samples.ts';

/** A release as scripts/keep-formats.ts has kept it. */
interface Kept {
  readonly release: string;
  /** What it wrote, and what it read in that. */
  readonly samples: readonly (Sample & { readonly read: object })[];
  /** Its own reader, as the text of a module. */
  readonly reader: string;
}

const releases = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(join(import.meta.dirname, name), 'utf8')) as Kept)
  .sort((a, b) => a.release.localeCompare(b.release, 'en', { numeric: true }));
const previous = releases.at(-1);

const readBy = (one: Reader, { kind, stored }: Sample): object => one[kind](stored as never);
const named = <S extends Sample>(list: readonly S[]) =>
  list.map((sample, index) => [`${sample.kind} ${index}`, sample] as const);

test('there is a release to compare with', () => {
  expect(releases.length).toBeGreaterThan(0);
});

describe.each(releases.map((kept) => [kept.release, kept] as const))('what release %s wrote', (_release, kept) => {
  test.each(named(kept.samples))('is read with the same meaning: %s', (_name, sample) => {
    expect(readBy(reader, sample)).toMatchObject(sample.read);
  });
});

describe('what this release writes is read by the one before, which may still run', () => {
  test.each(named(samples.filter(({ isPlain }) => isPlain)))('%s', async (_name, sample) => {
    const source = `data:text/javascript;base64,${Buffer.from(previous?.reader ?? '').toString('base64')}`;
    const old = ((await import(/* @vite-ignore */ source)) as { readonly reader: Reader }).reader;

    expect(readBy(reader, sample)).toMatchObject(readBy(old, sample));
  });
});

test('a request of a newer format is refused in words', () => {
  const [sample] = samples;

  expect(() => reader.request({ ...sample?.stored, format: 99 })).toThrow('deploy the newer release');
});

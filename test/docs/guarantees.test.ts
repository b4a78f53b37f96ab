import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const text = readFileSync('docs/guarantees.md', 'utf8');

test('the guarantees name every promise once, and tests that exist', () => {
  const rows = [...text.matchAll(/^\| (I\d) \|.*$/gm)];
  const files = [...text.matchAll(/`(test\/[\w/.-]+)`/g)].map(([, path]) => path ?? '');

  expect(rows.map(([, id]) => id)).toEqual(['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8']);
  expect(rows.filter(([row]) => !row.includes('test/'))).toEqual([]);
  expect(files.filter((path) => !existsSync(path))).toEqual([]);
});

test('every event that the failure modes show is one the walker reports', () => {
  const events = readFileSync('shared/core/walk-event.ts', 'utf8');
  const shown = [...text.matchAll(/^\| [^|]+ \| ([^|]+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map(([, event]) => event),
  );

  expect(shown.length).toBeGreaterThan(10);
  expect(shown.filter((event) => event !== 'stream-replaced' && !events.includes(`'${event}'`))).toEqual([]);
});

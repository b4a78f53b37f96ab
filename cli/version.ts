import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version of this package: its file is above the source, and two folders above the bundle. */
export function version(): string {
  const file = ['..', '../..']
    .map((above) => join(import.meta.dirname, above, 'package.json'))
    .find((path) => existsSync(path));
  const { version } = JSON.parse(file === undefined ? '{}' : readFileSync(file, 'utf8')) as { version?: string };
  return version ?? 'unknown';
}

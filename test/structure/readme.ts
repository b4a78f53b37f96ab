import { readRepositoryFile } from './repository.ts';

/** The code of README.md that follows a comment with this name, without its fences. */
export function readmeBlock(name: string): string {
  const [, after = ''] = readRepositoryFile('README.md').split(`<!-- ${name} -->\n`);
  return after.match(/^```\w*\n([\s\S]*?)```/)?.[1] ?? '';
}

/** The first cells of the rows of README.md's table whose header begins with `header`, without their backticks. */
export function readmeTable(header: string): readonly string[] {
  const lines = readRepositoryFile('README.md').split('\n');
  const start = lines.findIndex((line) => new RegExp(`^\\| ${header} +\\|`).test(line));
  const rows = start < 0 ? [] : lines.slice(start + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end).map((row) => row.split('|')[1]?.trim().replaceAll('`', '') ?? '');
}

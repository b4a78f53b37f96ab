import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const CHECK = fileURLToPath(new URL('../../cli/check-node.cjs', import.meta.url));

test('an older Node is refused in one line that names it and says what to do', () => {
  const { status, stderr } = checkNode('20.20.2');

  expect(status).toBe(1);
  expect(stderr).toMatch(/^Millrace runs on Node 24, and this is Node 20\.20\.2: .* Run npm ci.*\n$/);
});

test.each(['24.0.0', '26.1.0'])('Node %s passes without a word', (version) => {
  expect(checkNode(version)).toEqual({ status: 0, stderr: '' });
});

function checkNode(version: string) {
  const program = `Object.defineProperty(process, 'versions', { value: { node: '${version}' } });
    require(${JSON.stringify(CHECK)});`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
  return { status, stderr };
}

import { Template } from 'aws-cdk-lib/assertions';
import { expect, test, vi } from 'vitest';
import { readmeBlock, readmeTable } from './readme.ts';
import { stack } from './readme-app.ts';
import { readRepositoryFile, repositoryFiles } from './repository.ts';

// Bundling takes seconds and proves nothing here: the tests of the stacks do it.
vi.hoisted(() => {
  process.env.CDK_CONTEXT_JSON = JSON.stringify({ 'aws:cdk:bundling-stacks': [] });
  process.env.CDK_VALIDATION = 'false';
});

test('the handler that the README shows is the file functions/orders.ts', () => {
  expect(readmeBlock('functions/orders.ts')).toBe(readRepositoryFile('functions/orders.ts'));
});

test('the app that the README shows is one that synthesizes, by both paths', () => {
  const app = readRepositoryFile('test/structure/readme-app.ts')
    .replace("'../../infra/", "'./infra/")
    .replace('export const stack', 'const stack');

  expect(readmeBlock('test/structure/readme-app.ts')).toBe(app);
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::Lambda::EventSourceMapping', 1);
  template.resourceCountIs('AWS::Scheduler::Schedule', 1);
}, 60_000);

test('every error code has a row in the README, and no row is of an unknown code', () => {
  const [, union = ''] =
    readRepositoryFile('shared/core/errors.ts').match(/export type MillraceErrorCode =([^;]+);/) ?? [];
  const codes = [...union.matchAll(/'([^']+)'/g)].map(([, code]) => code);

  expect(codes.length).toBeGreaterThan(5);
  expect(readmeTable('code').toSorted()).toEqual(codes.toSorted());
});

test('the output that the README shows has the form of what npm start prints', () => {
  const [listening, writing, ...lines] = readmeBlock('output of npm start').trimEnd().split('\n');
  const summary = lines.slice(-7);
  const changes = lines.slice(0, -7).filter((line) => line !== '' && line !== '...');

  expect(listening).toMatch(/^DynamoDB Local listens on http:\/\/127\.0\.0\.1:\d+$/);
  expect(writing).toMatch(/^writing \d+ changes of \d+ orders to the table orders$/);
  for (const change of changes) expect(change).toMatch(/^(insert|modify|remove) {2}o-\d+ {2}\S/);
  expect(summary).toEqual([
    '',
    expect.stringMatching(/^\d+ changes: \d+ insert, \d+ modify, \d+ remove$/),
    expect.stringMatching(/^lag from write to handler: p50 \d+ ms, p99 \d+ ms$/),
    expect.stringMatching(/^1 shard, \d+ batches, \d+ state writes$/),
    '',
    expect.stringMatching(/^orders: 1 shard \(0 read, 1 free\); lag 0 s, 24\.0 h until loss$/),
    expect.stringMatching(/^○ \d\d:\d\d [0-9a-f]{8} {2}▁ 0 s +nobody {2}after …\d{6}$/),
  ]);
});

test('every file and folder that the documents link to exists', () => {
  const files = repositoryFiles();
  const documents = files.filter((path) => path.endsWith('.md'));
  const missing = documents.flatMap((path) =>
    [...readRepositoryFile(path).matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)]
      .map(([, target]) => new URL(target!, `file:///${path}`).pathname.slice(1))
      .filter((target) => !files.some((file) => file === target || file.startsWith(`${target.replace(/\/$/, '')}/`)))
      .map((target) => `${path} links to ${target}`),
  );

  expect(documents).toContain('README.md');
  expect(missing).toEqual([]);
});

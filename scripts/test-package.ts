import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Packs Millrace, installs the package into fresh projects outside the repository, and uses it there: a handler
 * alone, which must stay small, one that uses all other imports, and a CDK app, which must synthesize without a bundler.
 */
const ROOT = join(import.meta.dirname, '..');
const FIXTURES = join(ROOT, 'test', 'package');
const MANIFEST = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly devDependencies: Readonly<Record<string, string>>;
};
const work = mkdtempSync(join(tmpdir(), 'millrace-package-'));

function run(cwd: string, command: string, ...args: readonly string[]): string {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    throw new Error(`${command} ${args.join(' ')} failed in ${cwd}\n${stdout}\n${stderr}`);
  }
}

/** A fresh project with the package and what else it asks for, in the versions that this repository has. */
function project(name: string, packed: string, also: readonly string[]): string {
  const folder = join(work, name);
  cpSync(join(FIXTURES, name), folder, { recursive: true });
  const dependencies = Object.fromEntries(also.map((one) => [one, MANIFEST.devDependencies[one]]));
  const manifest = {
    name,
    private: true,
    type: 'module',
    dependencies: { millrace: `file:${packed}`, ...dependencies },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  run(folder, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error');
  return folder;
}

function typesResolve(folder: string): void {
  for (const [module, resolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const) {
    run(
      folder,
      join(folder, 'node_modules', '.bin', 'tsc'),
      '-p',
      '.',
      '--module',
      module,
      '--moduleResolution',
      resolution,
    );
  }
}

function check(isTrue: boolean, claim: string): void {
  if (!isTrue) throw new Error(`not so: ${claim}`);
  console.log(`ok  ${claim}`);
}

try {
  const [{ filename }] = JSON.parse(run(ROOT, 'npm', 'pack', '--json', '--silent', '--pack-destination', work)) as [
    { readonly filename: string },
  ];
  const packed = join(work, filename);

  const handler = project('handler', packed, ['typescript', '@types/node', '@types/aws-lambda']);
  typesResolve(handler);
  check(!readdirSync(join(handler, 'node_modules')).includes('aws-cdk-lib'), 'a handler needs no CDK');
  check(run(handler, process.execPath, 'handler.ts').includes('"batchItemFailures":[]'), 'a handler runs');

  const command = join(handler, 'node_modules', '.bin', 'millrace');
  check(run(handler, command, '--help').includes('Usage: millrace'), 'the command millrace runs');

  const parking = project('parking', packed, [
    'typescript',
    '@types/node',
    '@types/aws-lambda',
    '@aws-sdk/client-dynamodb',
    '@aws-sdk/client-dynamodb-streams',
  ]);
  typesResolve(parking);
  check(run(parking, process.execPath, 'parking.ts').includes('"batchItemFailures":[]'), 'a handler that parks runs');

  const app = project('app', packed, ['typescript', '@types/node', 'aws-cdk-lib', 'constructs', 'aws-cdk']);
  typesResolve(app);
  check(!readdirSync(join(app, 'node_modules')).includes('esbuild'), 'an app needs no bundler');
  const required =
    "console.log(typeof require('millrace').changeHandler, typeof require('millrace/cdk').ChangePipeline)";
  check(
    run(app, process.execPath, '--input-type=commonjs', '-e', required).includes('function function'),
    'CommonJS can require it, as an app does whose package.json has no type',
  );
  rmSync(join(app, 'package-lock.json'));
  const synth = run(
    app,
    join(app, 'node_modules', '.bin', 'cdk'),
    'synth',
    '--no-notices',
    '--quiet',
    '--app',
    `${process.execPath} app.ts`,
  );
  check(readdirSync(join(app, 'cdk.out')).includes('Orders.template.json'), `cdk synth works ${synth.trim()}`);
  const template = readFileSync(join(app, 'cdk.out', 'Orders.template.json'), 'utf8');
  check(template.includes('AWS::Lambda::EventSourceMapping'), 'a table of the region is mapped');
  check(template.includes('AWS::Scheduler::Schedule'), 'a table of another region is walked');
  check(template.includes('Custom::DynamoDBStream'), 'an existing table gets its stream');
  check(template.includes('MILLRACE_PARKING_TABLE'), 'a handler is told where it parks');
} finally {
  rmSync(work, { recursive: true, force: true });
}

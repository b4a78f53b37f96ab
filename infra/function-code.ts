import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as nodejs from 'aws-cdk-lib/aws-lambda-nodejs';

const FUNCTIONS = join(import.meta.dirname, '..', 'functions');
const LOCK_FILE = join(import.meta.dirname, '..', 'package-lock.json');

/** Clients of on-failure destinations: loaded from the runtime's own SDK, when a batch is first given up. */
const FROM_RUNTIME = ['@aws-sdk/client-s3', '@aws-sdk/client-sns', '@aws-sdk/client-sqs'] as const;

/** How every function of Millrace is bundled: one minified ES module with its SDK clients. */
export const BUNDLING = {
  format: nodejs.OutputFormat.ESM,
  target: 'node24',
  minify: true,
  // The runtime's own SDK changes under a running function; a bundled one is what was tested, and starts faster.
  // Without "module" first, esbuild takes the SDK's CommonJS build, which fails in an ES module: "Dynamic require of".
  mainFields: ['module', 'main'],
  externalModules: [...FROM_RUNTIME],
} satisfies nodejs.BundlingOptions;

/** What every function of Millrace runs on. */
export const RUNTIME = {
  runtime: lambda.Runtime.NODEJS_24_X,
  architecture: lambda.Architecture.ARM_64,
} as const;

/** Millrace's own functions, by the names of their files. */
export type FunctionName = 'shard-walker' | 'stream-enabler' | 'destination-enabler' | 'shard-map';

/** The code of one of Millrace's own functions: bundled in the released package, bundled at synth in the repository. */
export function functionCode(name: FunctionName): nodejs.NodejsFunctionProps {
  const bundled = join(FUNCTIONS, name);
  if (existsSync(join(bundled, 'index.mjs'))) {
    return { ...RUNTIME, code: lambda.Code.fromAsset(bundled), handler: 'index.handler' };
  }
  return { ...RUNTIME, entry: join(FUNCTIONS, `${name}.ts`), depsLockFilePath: LOCK_FILE, bundling: BUNDLING };
}

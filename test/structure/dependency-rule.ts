import { posix } from 'node:path';
import { importsOf, withoutText } from './source-text.ts';

/** Source text by path from the root of the repository, with slashes. */
export type Sources = ReadonlyMap<string, string>;

type Layer = 'core' | 'clock' | 'aws' | 'shell' | 'testing' | 'functions' | 'cli' | 'infra' | 'bench' | 'wiring';

/** What a file of each layer may import of the others. */
const MAY_IMPORT: Readonly<Record<Layer, readonly Layer[]>> = {
  core: ['core'],
  clock: ['core'],
  aws: ['core', 'clock'],
  shell: ['core', 'shell'],
  testing: ['core', 'shell', 'testing'],
  wiring: ['core', 'clock', 'aws', 'shell', 'wiring'],
  functions: ['core', 'clock', 'aws', 'shell', 'wiring'],
  cli: ['core', 'clock', 'aws', 'shell', 'wiring', 'testing', 'cli'],
  infra: ['core', 'infra'],
  bench: ['core', 'clock', 'aws', 'shell', 'wiring', 'testing', 'cli', 'bench'],
};
const MAY_USE_SDK_CLIENTS: readonly Layer[] = ['aws', 'wiring', 'functions', 'cli', 'bench'];
const MAY_USE_CDK: readonly Layer[] = ['infra'];
const MAY_NOT_LOG: readonly Layer[] = ['core', 'clock', 'aws', 'testing', 'infra'];
/** Where infra and the walker meet: the one file of the shell that infra may import. */
const BRIDGE = 'shared/request.ts';
/** The machine's clock behind its port: the walker is given one, and never takes it. */
const CLOCK = 'shared/clock.ts';
/**
 * What brings ports and adapters together: what a user's function imports beside the handler, which must not bring its
 * adapter itself, and the ports of a walk in Lambda.
 */
const WIRING: readonly string[] = [
  'shared/parking.ts',
  'shared/deduplicate.ts',
  'shared/changes.ts',
  'shared/tables-ports.ts',
  'shared/walk-ports.ts',
  'shared/walk-source.ts',
];
/** The one adapter that the others share. */
const SHARED_ADAPTER = 'shared/aws/errors.ts';

const SDK = /^@(?:aws-sdk|smithy)\//;
const PURE_SDK = '@aws-sdk/util-dynamodb';
const CDK = /^(?:aws-cdk-lib|constructs|cdk-nag)(?:\/|$)/;
const POWERTOOLS = /^@aws-lambda-powertools\//;

/** What makes a result depend on more than the arguments. */
const IMPURE = [
  'Date.now',
  'new Date()',
  'performance.now',
  'Math.random',
  'crypto.',
  'process.',
  'console.',
  'globalThis',
  'fetch(',
  'setTimeout(',
  'setInterval(',
  'setImmediate(',
];

/** The layer a file belongs to; none for tests, scripts and configuration, which may import what they like. */
export function layerOf(path: string): Layer | undefined {
  if (path === CLOCK) return 'clock';
  if (WIRING.includes(path)) return 'wiring';
  const [top, folder] = path.split('/');
  if (top === 'shared') return folder === 'core' || folder === 'aws' || folder === 'testing' ? folder : 'shell';
  return top === 'functions' || top === 'cli' || top === 'infra' || top === 'bench' ? top : undefined;
}

/** Every break of the dependency rule, as a sentence that starts with the offending file. */
export function dependencyViolations(sources: Sources): readonly string[] {
  return [...sources].flatMap(([path, source]) => {
    const layer = layerOf(path);
    if (layer === undefined) return [];
    const imports = importsOf(source).flatMap((specifier) => {
      const problem = specifier.startsWith('.')
        ? fileProblem(path, layer, posix.join(posix.dirname(path), specifier))
        : packageProblem(layer, specifier);
      return problem === undefined ? [] : [`${path} imports ${specifier}: ${problem}`];
    });
    return [...imports, ...(layer === 'core' ? impurities(path, source) : [])];
  });
}

function fileProblem(path: string, layer: Layer, target: string): string | undefined {
  const targetLayer = layerOf(target);
  if (targetLayer === undefined) return `nothing that ships may import ${target}`;
  if (targetLayer === 'functions') return 'nothing imports functions; refer to an entry point by its path';
  if (layer === 'infra' && target === BRIDGE) return undefined;
  if (layer === 'aws' && targetLayer === 'aws') {
    const isAllowed = target === SHARED_ADAPTER && path !== SHARED_ADAPTER;
    return isAllowed ? undefined : `adapters do not import each other, except ${SHARED_ADAPTER}`;
  }
  return MAY_IMPORT[layer].includes(targetLayer) ? undefined : `${layer} must not import ${targetLayer}`;
}

function packageProblem(layer: Layer, specifier: string): string | undefined {
  const isPure = layer === 'core';
  if (specifier === PURE_SDK) return layer === 'infra' ? 'infra must not import an SDK' : undefined;
  if (SDK.test(specifier) && !MAY_USE_SDK_CLIENTS.includes(layer)) return `${layer} must not import an SDK`;
  if (CDK.test(specifier) && !MAY_USE_CDK.includes(layer)) return `${layer} must not import the CDK`;
  if (POWERTOOLS.test(specifier) && MAY_NOT_LOG.includes(layer)) return `${layer} never logs`;
  if (isPure && specifier.startsWith('node:')) return 'core is pure';
  return undefined;
}

function impurities(path: string, source: string): readonly string[] {
  const code = withoutText(source);
  return IMPURE.filter((name) => new RegExp(`(?<![\\w.$])${literally(name)}`).test(code)).map(
    (name) => `${path} uses ${name.replace(/[(.]$/, '')}: core is pure`,
  );
}

const literally = (text: string): string => text.replace(/[.()$]/g, '\\$&');

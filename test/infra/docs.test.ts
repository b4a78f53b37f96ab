import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type App, Stack } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ChangePipeline } from '../../infra/index.ts';
import { markers, propsOf, tableOf, unpadded, withTables } from '../../scripts/props-table.ts';
import { aHandler, anApp, aTable } from './an-app.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const document = readFileSync(join(ROOT, 'docs', 'cdk.md'), 'utf8');

describe('the tables of props', () => {
  test('say what the source says: run node scripts/props-table.ts after a change', () => {
    expect(unpadded(document)).toBe(unpadded(withTables(document)));
    for (const marker of markers) expect(unpadded(document)).toContain(`<!-- props: ${marker} -->\n| prop |`);
  });

  test.each(markers)('give every optional prop of the %s table a default', (marker) => {
    expect(tableOf(marker)).not.toMatch(/\| (``)? ?\|/);
  });

  test('find a prop with its meaning and its default', () => {
    const source =
      'export interface A {\n  /**\n   * How many. Range: 1\n   * to 2.\n   * @default 1\n   */\n  readonly b?: number;\n}\n';

    expect(propsOf(source, 'A')).toEqual([
      { name: 'b', isOptional: true, meaning: 'How many. Range: 1 to 2.', fallback: '1' },
    ]);
  });
});

interface Recipe {
  readonly app: App;
  readonly stack: Stack;
  readonly pipeline: ChangePipeline;
  readonly handler: lambda.Function;
  readonly orders: dynamodb.TableV2;
}

describe('the recipes', () => {
  const folder = join(ROOT, 'reports', 'recipes');
  const recipes = [...document.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);

  beforeAll(() => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    recipes.forEach((code, index) => {
      writeFileSync(join(folder, `recipe-${index}.ts`), moduleOf(code));
    });
    const options = { extends: '../../tsconfig.json', compilerOptions: { noUnusedLocals: false }, include: ['*.ts'] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('compile', () => {
    expect(recipes.length).toBeGreaterThan(9);
    expect(() => execFileSync('tsc', ['-p', folder], { encoding: 'utf8', stdio: 'pipe' })).not.toThrow();
  });

  test.each(recipes.map((code, index) => [index, code]))('can be synthesized: number %i', async (index) => {
    const app = anApp();
    const stack = new Stack(app, 'Stack', { env: { region: 'eu-west-1', account: '111111111111' } });
    const { recipe } = (await import(pathToFileURL(join(folder, `recipe-${index}.ts`)).href)) as {
      readonly recipe: (given: Recipe) => void;
    };
    const pipeline = new ChangePipeline(stack, 'Given');

    recipe({ app, stack, pipeline, handler: aHandler(stack), orders: aTable(stack) });

    expect(() => app.synth()).not.toThrow();
  });

  /** A recipe as a function of what it takes for granted, its own imports replaced by all that any of them needs. */
  const moduleOf = (code: string): string => `
    import * as cdk from 'aws-cdk-lib';
    import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
    import * as iam from 'aws-cdk-lib/aws-iam';
    import * as lambda from 'aws-cdk-lib/aws-lambda';
    import * as sqs from 'aws-cdk-lib/aws-sqs';
    import { ChangePipeline, ChangeSource, OnFailure } from '../../infra/index.ts';
    interface Given {
      readonly app: cdk.App;
      readonly stack: cdk.Stack;
      readonly pipeline: ChangePipeline;
      readonly handler: lambda.IFunction;
      readonly orders: dynamodb.TableV2;
    }
    export function recipe({ app, stack, pipeline, handler, orders }: Given): void {
      void [app, stack, pipeline, handler, orders, cdk, iam, sqs, OnFailure];
      {
        ${code.replaceAll(/^import .*;$/gm, '')}
      }
    }`;
});

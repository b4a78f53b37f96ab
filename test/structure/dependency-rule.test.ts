import { expect, test } from 'vitest';
import { dependencyViolations } from './dependency-rule.ts';
import { repositorySources } from './repository.ts';

const violations = (path: string, source: string) => dependencyViolations(new Map([[path, source]]));

test('the repository keeps the dependency rule', () => {
  const sources = repositorySources();

  expect(sources.size).toBeGreaterThan(20);
  expect(dependencyViolations(sources)).toEqual([]);
});

test.each([
  ['shared/core/lease.ts', "import { DynamoDBClient } from '@aws-sdk/client-dynamodb';", /^shared\/core\/lease\.ts/],
  ['shared/core/lease.ts', "import type { _Record } from '@aws-sdk/client-dynamodb-streams';", /an SDK/],
  ['shared/core/lease.ts', "import {\n  a,\n  b,\n} from '../aws/dynamodb-state.ts';", /core must not import aws/],
  ['shared/core/lease.ts', "export { walk } from '../walker.ts';", /core must not import shell/],
  ['shared/core/lease.ts', "const { walk } = await import('../walker.ts');", /core must not import shell/],
  ['shared/core/lease.ts', "import { randomUUID } from 'node:crypto';", /core is pure/],
  ['shared/aws/lambda-sink.ts', "import { state } from './dynamodb-state.ts';", /adapters do not import each other/],
  ['shared/aws/lambda-sink.ts', "import { walk } from '../walker.ts';", /aws must not import shell/],
  ['shared/walker.ts', "import { state } from './aws/dynamodb-state.ts';", /shell must not import aws/],
  ['shared/handler.ts', "import { LambdaClient } from '@aws-sdk/client-lambda';", /shell must not import an SDK/],
  ['infra/app.ts', "import { walk } from '../shared/walker.ts';", /infra must not import shell/],
  ['infra/app.ts', "import { marshall } from '@aws-sdk/util-dynamodb';", /infra must not import an SDK/],
  ['infra/app.ts', "import { handler } from '../functions/orders.ts';", /nothing imports functions/],
  ['functions/orders.ts', "import { handler } from './shard-walker.ts';", /nothing imports functions/],
  ['functions/orders.ts', "import { Stack } from 'aws-cdk-lib';", /functions must not import the CDK/],
  ['cli/local-run.ts', "import { x } from '../infra/app.ts';", /cli must not import infra/],
  ['shared/walker.ts', "import { clients } from '../test/support/dynamodb-local.ts';", /nothing that ships/],
  ['shared/walker.ts', "import { systemClock } from './clock.ts';", /shell must not import clock/],
  ['shared/aws/lambda-sink.ts', "import { Logger } from '@aws-lambda-powertools/logger';", /aws never logs/],
])('an import in %s that the rule forbids is reported: %s', (path, source, expected) => {
  expect(violations(path, source)).toEqual([expect.stringMatching(expected)]);
});

test.each([
  ['Date.now();', 'Date.now'],
  ['const now = new Date();', 'new Date('],
  ['const jitter = () => Math.random() * 2;', 'Math.random'],
  ['if (process.env.DEBUG) f();', 'process'],
  ["console.log('x');", 'console'],
  ['setTimeout(f, 1);', 'setTimeout'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is the source that is checked
  ['const id = `${crypto.randomUUID()}`;', 'crypto'],
])('core that is not pure is reported: %s', (source, name) => {
  expect(violations('shared/core/lease.ts', source)).toEqual([
    expect.stringContaining(`shared/core/lease.ts uses ${name}`),
  ]);
});

test.each([
  ['shared/core/decode.ts', "import { NumberValueImpl } from '@aws-sdk/util-dynamodb';"],
  ['shared/core/decode.ts', '// Date.now() is a clock\nconst text = "console.log";\nnew Date(momentMs);'],
  ['shared/core/decode.ts', 'const process = (item: Item) => item; process(item);'],
  ['shared/aws/lambda-sink.ts', "import { translate } from './errors.ts';"],
  ['shared/aws/dynamodb-state.ts', "import { systemClock } from '../clock.ts';"],
  ['infra/app.ts', "import { parseWalkRequest } from '../shared/request.ts';\nimport { Stack } from 'aws-cdk-lib';"],
  ['functions/shard-walker.ts', "import { walk } from '../shared/walker.ts';"],
  ['test/anything.test.ts', "import { handler } from '../functions/orders.ts';"],
])('what the rule allows in %s is not reported', (path, source) => {
  expect(violations(path, source)).toEqual([]);
});

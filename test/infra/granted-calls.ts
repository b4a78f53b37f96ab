import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { onTestFinished, vi } from 'vitest';
import type { WalkRequestInput } from '../../shared/request.ts';
import { awsEndpoint, forward } from '../support/aws-endpoint.ts';
import { type Call, callsOf } from './aws-calls.ts';

/** Every action and resource that the policies beginning with a prefix allow, named as `callsOf` names them. */
export function allowedBy(stack: Stack, prefix: string): readonly Call[] {
  const policies = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
  const own = policies.filter(([id]) => id.startsWith(prefix)).map(([, policy]) => policy.Properties.PolicyDocument);
  const calls = own
    .flatMap((document) => document.Statement)
    .flatMap((statement) =>
      [statement.Action]
        .flat()
        .flatMap((action: string) =>
          [statement.Resource].flat().map((resource: unknown) => `${action} ${nameOf(resource)}`),
        ),
    );
  return [...new Set(calls)].sort();
}

function nameOf(resource: unknown): string {
  const text = typeof resource === 'string' ? resource : JSON.stringify(resource);
  const [, table] = /:(table\/[^"]+)/.exec(text) ?? [];
  if (table !== undefined) return table;
  if (text.includes('ConsumerARN')) return 'consumer';
  if (text.includes(':kinesis:')) return 'stream';
  const [, path = ''] = /(\/aws\/lambda\/\*|\/millrace\/[\w/]+\/\*)/.exec(text) ?? [];
  for (const [part, name] of Object.entries({
    State: 'state',
    ChangesParkingTable: 'parking',
    ChangesDeduplicateTable: 'deduplicate',
    WalkerFunction: 'walker',
    Handler: 'handler',
    OnFailure: 'bucket',
    Logs: 'log',
  })) {
    if (text.includes(part)) return name + path;
  }
  return text;
}

/** A proxy that remembers every call, in front of an engine. */
export async function recorded(endpoint: string) {
  const proxy = await awsEndpoint((request) => forward(request, endpoint));
  return { endpoint: proxy.endpoint, calls: () => distinct(proxy.requests.flatMap(callsOf)) };
}

export const distinct = (calls: readonly Call[]): readonly Call[] => [...new Set(calls)].sort();

/** The walker's entry point, with these endpoints in the place of AWS's. */
export async function walkerOf(
  endpoints: Readonly<Partial<Record<'dynamodb' | 'kinesis' | 'lambda' | 's3' | 'sts', string>>>,
  remainingMs = 6_000,
) {
  const variables = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_DYNAMODB_STREAMS: endpoints.dynamodb,
    AWS_ENDPOINT_URL_KINESIS: endpoints.kinesis,
    AWS_ENDPOINT_URL_LAMBDA: endpoints.lambda,
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_STS: endpoints.sts,
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  onTestFinished(() => {
    vi.unstubAllEnvs();
    log.mockRestore();
  });
  // Its clients keep the endpoint that they found first.
  vi.resetModules();
  const { handler } = await import('../../functions/shard-walker.ts');
  return (input: WalkRequestInput) => handler(input, { getRemainingTimeInMillis: () => remainingMs });
}

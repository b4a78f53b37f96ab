import {
  GetFunctionConfigurationCommand,
  type LambdaClient,
  paginateListEventSourceMappings,
} from '@aws-sdk/client-lambda';
import { PARKING_ENV } from '../core/parking.ts';

/** An event source mapping of a DynamoDB stream, or of a Kinesis stream to a handler. */
export interface StreamMapping {
  readonly uuid: string;
  readonly functionArn: string;
  readonly functionName: string;
  /** The stream's own, also where the mapping reads through a consumer. */
  readonly streamArn: string;
  /** As Lambda says it: `Enabled`, `Disabled`, `Creating`, ... */
  readonly state: string;
  /** What came of its last poll, such as `OK` or `PROBLEM: ...`; `null` before the first. */
  readonly lastResult: string | null;
  /** The function's environment; empty where it may not be read. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Every mapping of a DynamoDB stream in the region, with its function's environment. A Kinesis stream may carry anything:
 * of its mappings only those whose functions say which subscription they serve.
 */
export async function streamMappings(client: LambdaClient): Promise<readonly StreamMapping[]> {
  const found: Omit<StreamMapping, 'environment'>[] = [];
  for await (const page of paginateListEventSourceMappings({ client }, {})) {
    for (const mapping of page.EventSourceMappings ?? []) {
      const { EventSourceArn: sourceArn = '', FunctionArn: functionArn = '' } = mapping;
      if (!isKinesis(sourceArn) && !/:dynamodb:.*\/stream\//.test(sourceArn)) continue;
      const streamArn = sourceArn.replace(/\/consumer\/.*/, '');
      found.push({
        uuid: mapping.UUID ?? '',
        functionArn,
        functionName: functionArn.split(':')[6] ?? functionArn,
        streamArn,
        state: mapping.State ?? 'Unknown',
        lastResult: mapping.LastProcessingResult ?? null,
      });
    }
  }
  const environments = new Map<string, Readonly<Record<string, string>>>();
  for (const { functionArn } of found) {
    if (!environments.has(functionArn)) environments.set(functionArn, await environmentOf(client, functionArn));
  }
  return found
    .map((mapping) => ({ ...mapping, environment: environments.get(mapping.functionArn) ?? {} }))
    .filter(({ streamArn, environment }) => !isKinesis(streamArn) || environment[PARKING_ENV.subscription]);
}

/** Whether an ARN is that of a Kinesis stream, or of a consumer of one. */
export const isKinesis = (arn: string): boolean => /^arn:[^:]+:kinesis:/.test(arn);

/** What may not be read is no reason to show nothing: the function's name is known. */
async function environmentOf(client: LambdaClient, functionArn: string): Promise<Readonly<Record<string, string>>> {
  try {
    const { Environment } = await client.send(new GetFunctionConfigurationCommand({ FunctionName: functionArn }));
    return Environment?.Variables ?? {};
  } catch {
    return {};
  }
}

import {
  GetFunctionConfigurationCommand,
  type LambdaClient,
  paginateListEventSourceMappings,
} from '@aws-sdk/client-lambda';

/** An event source mapping of a DynamoDB stream. */
export interface StreamMapping {
  readonly uuid: string;
  readonly functionArn: string;
  readonly functionName: string;
  readonly streamArn: string;
  /** As Lambda says it: `Enabled`, `Disabled`, `Creating`, ... */
  readonly state: string;
  /** What came of its last poll, such as `OK` or `PROBLEM: ...`; `null` before the first. */
  readonly lastResult: string | null;
  /** The function's environment; empty where it may not be read. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Every mapping of a DynamoDB stream in the region, with its function's environment. */
export async function streamMappings(client: LambdaClient): Promise<readonly StreamMapping[]> {
  const found: Omit<StreamMapping, 'environment'>[] = [];
  for await (const page of paginateListEventSourceMappings({ client }, {})) {
    for (const mapping of page.EventSourceMappings ?? []) {
      const { EventSourceArn: streamArn = '', FunctionArn: functionArn = '' } = mapping;
      if (!/:dynamodb:.*\/stream\//.test(streamArn)) continue;
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
  return found.map((mapping) => ({ ...mapping, environment: environments.get(mapping.functionArn) ?? {} }));
}

/** What may not be read is no reason to show nothing: the function's name is known. */
async function environmentOf(client: LambdaClient, functionArn: string): Promise<Readonly<Record<string, string>>> {
  try {
    const { Environment } = await client.send(new GetFunctionConfigurationCommand({ FunctionName: functionArn }));
    return Environment?.Variables ?? {};
  } catch {
    return {};
  }
}

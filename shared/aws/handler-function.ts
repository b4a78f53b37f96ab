import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';

/** A handler's function as it is configured. */
export interface HandlerFunction {
  readonly functionArn: string;
  readonly functionName: string;
  readonly timeoutMs: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** Reads a function's configuration, by its name or ARN. */
export async function handlerFunction(client: LambdaClient, name: string): Promise<HandlerFunction> {
  const found = await client.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
  return {
    functionArn: found.FunctionArn ?? name,
    functionName: found.FunctionName ?? name,
    timeoutMs: (found.Timeout ?? 3) * 1_000,
    environment: found.Environment?.Variables ?? {},
  };
}

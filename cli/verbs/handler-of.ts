import { LambdaClient } from '@aws-sdk/client-lambda';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { type HandlerFunction, handlerFunction } from '../../shared/aws/handler-function.ts';
import { streamMappings } from '../../shared/aws/stream-mappings.ts';
import { walkSchedules } from '../../shared/aws/walk-schedules.ts';
import { MillraceError } from '../../shared/core/errors.ts';
import { PARKING_ENV } from '../../shared/core/parking.ts';

/**
 * The function that handles a subscription: the one named, or else that of its mapping, or of its schedules.
 * @throws MillraceError `invalid-request` when it is none of these.
 */
export async function handlerOf(subscription: string, named: string | undefined): Promise<HandlerFunction> {
  const lambda = new LambdaClient({});
  if (named !== undefined) return handlerFunction(lambda, named);
  const mapping = (await streamMappings(lambda)).find(
    ({ environment, functionName }) =>
      environment[PARKING_ENV.subscription] === subscription || functionName === subscription,
  );
  if (mapping !== undefined) return handlerFunction(lambda, mapping.functionArn);
  for (const { input } of await walkSchedules(new SchedulerClient({}))) {
    const request = input as { readonly subscription?: unknown; readonly handler?: { readonly functionArn?: unknown } };
    const arn = request.handler?.functionArn;
    if (request.subscription === subscription && typeof arn === 'string') return handlerFunction(lambda, arn);
  }
  throw new MillraceError(
    'invalid-request',
    `--function must name the handler of ${subscription}: no mapping and no schedule of this region tells it`,
  );
}

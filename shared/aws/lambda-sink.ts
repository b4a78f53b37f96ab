import { InvokeCommand, type InvokeCommandOutput, LambdaClient } from '@aws-sdk/client-lambda';
import type { Delivery, Sink } from '../core/ports.ts';
import { errorMessage, errorName, isDenied, isThrottled, isUnsent } from './errors.ts';

export interface LambdaSinkOptions {
  /** Made by `lambdaClientFor`: a client with the SDK's own settings repeats an Invoke and gives up on slow functions. */
  readonly client: LambdaClient;
  readonly functionArn: string;
  /** The function's own timeout. */
  readonly timeoutMs: number;
  /** How much longer than that an answer may take: a cold start, which Lambda does not count, and the network. */
  readonly deliveryMarginMs: number;
}

export interface LambdaClientOptions {
  readonly functionArn?: string;
  readonly timeoutMs: number;
  readonly deliveryMarginMs: number;
  /** @default the function's, when its ARN is given, and the SDK's own otherwise */
  readonly region?: string;
}

/** Long enough for a slow network; short against the margin, because a batch that waits here is not running yet. */
const CONNECTION_TIMEOUT_MS = 5_000;
/** Shorter than any server or NAT gateway keeps an idle connection, so that no batch is sent into a dead one. */
const IDLE_CONNECTION_MS = 30_000;

/**
 * A client that makes exactly one attempt, waits for the answer as long as the function may take, and opens as many
 * connections as there are batches: a batch must not wait for one while its lease runs.
 */
export function lambdaClientFor(options: LambdaClientOptions): LambdaClient {
  const { functionArn, timeoutMs, deliveryMarginMs } = options;
  const region = options.region ?? functionArn?.match(/^arn:[^:]+:lambda:([^:]+):/)?.[1];
  const agent = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, timeout: IDLE_CONNECTION_MS };
  return new LambdaClient({
    ...(region === undefined ? {} : { region }),
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      socketTimeout: timeoutMs + deliveryMarginMs,
      httpAgent: agent,
      httpsAgent: agent,
    },
  });
}

/** Hands batches to a Lambda function and waits for its answer. */
export function lambdaSink(options: LambdaSinkOptions): Sink {
  const { client, functionArn, timeoutMs, deliveryMarginMs } = options;
  return {
    deliver: async (batch) => {
      try {
        const command = new InvokeCommand({ FunctionName: functionArn, Payload: batch.payload });
        return answer(await client.send(command, { requestTimeout: timeoutMs + deliveryMarginMs }));
      } catch (error) {
        return unanswered(error);
      }
    },
  };
}

function answer(output: InvokeCommandOutput): Delivery {
  const text = output.Payload?.transformToString() ?? '';
  if (output.FunctionError !== undefined) return { kind: 'failed', message: functionError(output.FunctionError, text) };
  if (text === '') return { kind: 'answered', response: null };
  try {
    return { kind: 'answered', response: JSON.parse(text) as unknown };
  } catch {
    return { kind: 'failed', message: `the function must return JSON, got ${text.slice(0, SHOWN)}` };
  }
}

/** How much of an answer that cannot be read goes into a message. */
const SHOWN = 200;

/** What the runtime says of a function that threw, timed out or died: `{"errorType", "errorMessage", "trace"}`. */
function functionError(kind: string, text: string): string {
  try {
    const { errorType = kind, errorMessage = '' } = JSON.parse(text) as { errorType?: string; errorMessage?: string };
    return `${errorType}: ${errorMessage}`;
  } catch {
    return `${kind}: ${text.slice(0, SHOWN)}`;
  }
}

/** What Lambda answers when it could not even begin to run the handler. */
const NOT_STARTED = new Set([
  'CodeArtifactUserDeletedException',
  'CodeArtifactUserFailedException',
  'CodeArtifactUserPendingException',
  'EC2AccessDeniedException',
  'EC2UnexpectedException',
  'EFSMountConnectivityException',
  'EFSMountFailureException',
  'EFSMountTimeoutException',
  'ENILimitReachedException',
  'ENINotReadyException',
  'InvalidParameterValueException',
  'InvalidRequestContentException',
  'InvalidRuntimeException',
  'InvalidSecurityGroupIDException',
  'InvalidSubnetIDException',
  'InvalidZipFileException',
  'ModeNotSupportedException',
  'NoPublishedVersionException',
  'RecursiveInvocationException',
  'ResourceConflictException',
  'ResourceNotReadyException',
  'S3FilesMountConnectivityException',
  'S3FilesMountFailureException',
  'S3FilesMountTimeoutException',
  'ServiceQuotaExceededException',
  'SnapStartException',
  'SnapStartNotReadyException',
  'SnapStartRegenerationFailureException',
  'SnapStartTimeoutException',
  'SubnetIPAddressLimitReachedException',
  'UnsupportedMediaTypeException',
]);
const TOO_LARGE = new Set(['RequestTooLargeException', 'SerializedRequestEntityTooLargeException']);

/** Anything that leaves the smallest doubt whether the function runs is `unknown`: a 5xx, a lost or a late answer. */
function unanswered(error: unknown): Delivery {
  const message = errorMessage(error);
  const name = errorName(error);
  if (name === 'ResourceNotFoundException') return { kind: 'not-started', reason: 'missing', message };
  if (TOO_LARGE.has(name)) return { kind: 'not-started', reason: 'too-large', message };
  if (isThrottled(error)) return { kind: 'not-started', reason: 'throttled', message };
  if (isDenied(error)) return { kind: 'not-started', reason: 'denied', message };
  if (NOT_STARTED.has(name) || isUnsent(error)) return { kind: 'not-started', reason: 'unavailable', message };
  return { kind: 'unknown', message };
}

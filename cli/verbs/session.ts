import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { type Command, Option } from 'commander';
import { dynamodbState } from '../../shared/aws/dynamodb-state.ts';
import { stateSubscriptions } from '../../shared/aws/state-subscriptions.ts';
import { systemClock } from '../../shared/clock.ts';
import { MillraceError } from '../../shared/core/errors.ts';
import type { Clock, State } from '../../shared/core/ports.ts';

/** What every verb takes. */
export interface CommonOptions {
  readonly region?: string;
  readonly profile?: string;
  readonly endpoint?: string;
  readonly stateTable?: string;
  readonly json?: boolean;
}

/** Where a verb works, and how it speaks. */
export interface Session {
  readonly clock: Clock;
  readonly isJson: boolean;
  /** Whether it works on an engine of this machine, where there is nothing of AWS but DynamoDB. */
  readonly isLocal: boolean;
  readonly dynamodb: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
  /** Whether there is a Lambda to ask for event source mappings. */
  readonly hasLambda: boolean;
  readonly hasStateTable: boolean;
  /** @throws MillraceError `invalid-request` when no state table is named. */
  readonly stateTable: () => string;
  readonly state: () => State;
  /** The names of all subscriptions in the state table. */
  readonly subscriptions: () => Promise<readonly string[]>;
  /** Clients of another region, such as that of a table abroad. */
  readonly clientsOf: (region: string) => Clients;
  /** @throws MillraceError `invalid-request` on a local engine, unless the environment names one for Kinesis. */
  readonly kinesisOf: (region: string) => KinesisClient;
}

export interface Clients {
  readonly dynamodb: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
}

/** Adds the options that every verb takes. */
export const withCommonOptions = (command: Command): Command =>
  command
    .option('--region <region>', 'the AWS region (as the AWS CLI: else AWS_REGION or the profile)')
    .option('--profile <profile>', 'the profile of your AWS configuration')
    .option('--endpoint <url>', 'an engine to use instead of AWS, such as http://127.0.0.1:8000')
    .addOption(new Option('--state-table <name>', 'the state table').env('MILLRACE_STATE_TABLE'))
    .option('--json', 'print JSON, and nothing else');

const LOCAL = /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\]|host\.docker\.internal)(:|\/|$)/;

/** Credentials and region come as the AWS CLI takes them; a local engine needs neither. */
export function sessionOf(options: CommonOptions): Session {
  const { env } = process;
  if (options.profile !== undefined) env.AWS_PROFILE = options.profile;
  if (options.region !== undefined) env.AWS_REGION = options.region;
  const endpoint = checkedEndpoint(options.endpoint);
  const isLocal = LOCAL.test(endpoint ?? '');
  const isAnonymous = isLocal && env.AWS_ACCESS_KEY_ID === undefined && env.AWS_PROFILE === undefined;
  const settings = {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(isLocal && env.AWS_REGION === undefined && env.AWS_PROFILE === undefined ? { region: 'us-east-1' } : {}),
    ...(isAnonymous ? { credentials: { accessKeyId: 'local', secretAccessKey: 'local' } } : {}),
  };
  const clientsOf = (region?: string): Clients => {
    const place = { ...settings, ...(region === undefined || isLocal ? {} : { region }) };
    // A tail waits by itself, and longer than the client would.
    return { dynamodb: new DynamoDBClient(place), streams: new DynamoDBStreamsClient({ ...place, maxAttempts: 2 }) };
  };
  const kinesisOf = (region: string): KinesisClient => {
    if (isLocal && env.AWS_ENDPOINT_URL_KINESIS === undefined) {
      throw new MillraceError(
        'invalid-request',
        `--endpoint is an engine of DynamoDB: AWS_ENDPOINT_URL_KINESIS must name one for Kinesis, got nothing`,
      );
    }
    const { endpoint: _, ...place } = { ...settings, ...(isLocal ? {} : { region }) };
    return new KinesisClient({ ...place, maxAttempts: 2, requestHandler: new NodeHttpHandler() });
  };
  const clients = clientsOf();
  const stateTable = (): string => {
    if (options.stateTable) return options.stateTable;
    throw new MillraceError(
      'invalid-request',
      '--state-table, or the environment variable MILLRACE_STATE_TABLE, must name the state table, got nothing: it is the stateTable in the input of the schedules that tick the walker',
    );
  };
  return {
    ...clients,
    clock: systemClock,
    isJson: options.json === true,
    isLocal,
    hasLambda: !isLocal || env.AWS_ENDPOINT_URL_LAMBDA !== undefined,
    hasStateTable: Boolean(options.stateTable),
    stateTable,
    state: () => dynamodbState({ client: clients.dynamodb, tableName: stateTable() }),
    subscriptions: () => stateSubscriptions({ client: clients.dynamodb, tableName: stateTable() }),
    clientsOf,
    kinesisOf,
  };
}

function checkedEndpoint(endpoint: string | undefined): string | undefined {
  if (endpoint === undefined || /^https?:\/\/\S+$/.test(endpoint)) return endpoint;
  throw new MillraceError(
    'invalid-request',
    `--endpoint must be a URL that begins with http:// or https://, got ${JSON.stringify(endpoint)}`,
  );
}

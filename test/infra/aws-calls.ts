import type { AwsRequest } from '../support/aws-endpoint.ts';

/** A call that a function made, or a policy allows: `dynamodb:GetItem table/orders`. */
export type Call = string;

const INVOCATION = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** The IAM actions that a request needs, each with its resource as IAM sees it, the account and region left out. */
export function callsOf(request: AwsRequest): readonly Call[] {
  const [, functionArn] = INVOCATION.exec(request.operation) ?? [];
  if (functionArn !== undefined) return [`lambda:InvokeFunction ${decodeURIComponent(functionArn)}`];
  const body = JSON.parse(request.body) as Readonly<Record<string, unknown>>;
  if (/^Kinesis_/.test(String(request.headers['x-amz-target']))) return [`kinesis:${request.operation} stream`];
  if (request.operation !== 'TransactWriteItems') return [`dynamodb:${request.operation} ${resourceOf(body)}`];
  // A transaction is allowed where each of its writes is.
  return (body.TransactItems as readonly Readonly<Record<string, object>>[]).flatMap((write) =>
    Object.entries(write).map(([kind, input]) => `dynamodb:${ITEM_ACTIONS[kind]} ${resourceOf(input)}`),
  );
}

const ITEM_ACTIONS: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

function resourceOf(input: object): string {
  const { TableName, ResourceArn, StreamArn, ShardIterator, RequestItems } = input as {
    readonly RequestItems?: object;
    readonly TableName?: string;
    readonly ResourceArn?: string;
    readonly StreamArn?: string;
    readonly ShardIterator?: string;
  };
  // A batch of ours is of one table.
  const named = TableName ?? Object.keys(RequestItems ?? {})[0];
  if (named !== undefined) return `table/${named}`;
  if (ResourceArn !== undefined) return ResourceArn.replace(/^.*:(?=table\/)/, '');
  // An iterator holds its stream's ARN.
  const [, table] = /:table\/([^/]+)\/stream\//.exec(StreamArn ?? ShardIterator ?? '') ?? [];
  return table === undefined ? '*' : `table/${table}/stream/*`;
}

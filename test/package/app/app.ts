import { App, Stack, Tags } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { ChangePipeline, ChangeSource } from 'millrace/cdk';

const app = new App();
const stack = new Stack(app, 'Orders', { env: { region: 'eu-west-1', account: '111111111111' } });
const handler = new lambda.Function(stack, 'Handler', {
  runtime: lambda.Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: lambda.Code.fromInline('exports.handler = async () => ({ batchItemFailures: [] });'),
});
const table = new dynamodb.TableV2(stack, 'Table', {
  partitionKey: { name: 'orderId', type: dynamodb.AttributeType.STRING },
});
const existing = dynamodb.Table.fromTableName(stack, 'Existing', 'visits');

const pipeline = new ChangePipeline(stack, 'Changes');
pipeline.subscribe('orders', { source: ChangeSource.table(table), handler, parking: true });
pipeline.subscribe('visits', {
  source: ChangeSource.table(existing, { region: 'us-east-1' }),
  handler: new lambda.Function(stack, 'Visits', {
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => ({ batchItemFailures: [] });'),
  }),
  bootstrap: true,
});
Tags.of(app).add('team', 'orders');

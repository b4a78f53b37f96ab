import { App, Duration, Stack } from 'aws-cdk-lib';
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { ChangePipeline, ChangeSource } from '../../infra/index.ts';

export const stack = new Stack(new App(), 'Shop', { env: { region: 'eu-west-1', account: '111122223333' } });
const orders = new TableV2(stack, 'Orders', { partitionKey: { name: 'orderId', type: AttributeType.STRING } });
const abroad = TableV2.fromTableArn(stack, 'Abroad', 'arn:aws:dynamodb:us-east-1:111122223333:table/orders');
const handler = new NodejsFunction(stack, 'Handler', {
  entry: 'functions/orders.ts',
  runtime: Runtime.NODEJS_24_X,
  timeout: Duration.minutes(1),
});

const changes = new ChangePipeline(stack, 'Changes');
changes.subscribe('orders', { source: ChangeSource.table(orders), handler });
changes.subscribe('orders-abroad', { source: ChangeSource.table(abroad), handler });

import { App } from 'aws-cdk-lib';
import { MillraceStack, OtherRegionStack } from './example-stacks.ts';

const app = new App();
const { table } = new OtherRegionStack(app, 'MillraceOrdersAbroad', { env: { region: 'us-east-1' } });
new MillraceStack(app, 'Millrace', { env: { region: 'eu-west-1' }, abroad: table });

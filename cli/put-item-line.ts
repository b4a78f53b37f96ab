import { ORDERS_TABLE } from './orders-table.ts';

/** A command of the AWS CLI that writes one more order to a local engine, with credentials that no account has. */
export function putItemLine(endpoint: string): string {
  const item = { orderId: { S: 'o-100' }, status: { S: 'new' }, total: { N: '12.50' } };
  return [
    'AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws dynamodb put-item',
    `--endpoint-url ${endpoint} --region us-east-1 --table-name ${ORDERS_TABLE}`,
    `--item '${JSON.stringify(item)}'`,
  ].join(' ');
}

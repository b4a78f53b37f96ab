import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { STSClient } from '@aws-sdk/client-sts';
import { expect, test } from 'vitest';
import { assumedRole } from '../../../shared/aws/assumed-role.ts';
import { awsEndpoint } from '../../support/aws-endpoint.ts';

const ROLE = 'arn:aws:iam::222222222222:role/reader';
const own = { region: 'us-east-1', credentials: { accessKeyId: 'own', secretAccessKey: 'own' } };

const answered = (fields: string) => ({
  headers: { 'content-type': 'text/xml' },
  body: `<AssumeRoleResponse><AssumeRoleResult>${fields}</AssumeRoleResult></AssumeRoleResponse>`,
});
const CREDENTIALS = `<Credentials><AccessKeyId>THEIRS</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
  <SessionToken>token</SessionToken><Expiration>2126-01-31T12:00:00Z</Expiration></Credentials>`;

test("a table of another account is called with that account's role, which is assumed once", async () => {
  const sts = await awsEndpoint(() => answered(CREDENTIALS));
  const tables = await awsEndpoint(() => ({ body: '{"TableNames":[]}' }));
  const credentials = assumedRole(new STSClient({ ...own, endpoint: sts.endpoint }), ROLE, 'orders/abroad');
  const client = new DynamoDBClient({ region: 'us-east-1', endpoint: tables.endpoint, credentials });

  await client.send(new ListTablesCommand({}));
  await client.send(new ListTablesCommand({}));

  expect(tables.requests.map(({ headers }) => headers['x-amz-security-token'])).toEqual(['token', 'token']);
  expect(tables.requests[0]?.headers.authorization).toContain('Credential=THEIRS/');
  expect(sts.requests).toHaveLength(1);
  const asked = new URLSearchParams(sts.requests[0]?.body);
  expect(Object.fromEntries(asked)).toMatchObject({
    Action: 'AssumeRole',
    RoleArn: ROLE,
    RoleSessionName: 'millrace-orders-abroad',
    DurationSeconds: '3600',
  });
});

test('an answer without credentials is an error that names the role', async () => {
  const sts = await awsEndpoint(() => answered(''));
  const credentials = assumedRole(new STSClient({ ...own, endpoint: sts.endpoint }), ROLE, 'orders');

  await expect(credentials()).rejects.toThrow(`assuming ${ROLE} gave no credentials`);
});

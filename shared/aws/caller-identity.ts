import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';

/** Who the credentials belong to: an ARN. */
export async function callerIdentity(client: STSClient): Promise<string> {
  const { Arn } = await client.send(new GetCallerIdentityCommand({}));
  return Arn ?? 'unknown';
}

import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { MillraceError } from '../core/errors.ts';

/** Temporary credentials of a role, in the form that the SDK's clients take. */
export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** When they end; the client asks for new ones a few minutes before. */
  readonly expiration: Date;
}

/** The longest that a role may last which another role assumed; a walk takes 15 minutes at most. */
const SESSION_SECONDS = 3_600;

/**
 * Credentials of another account's role, to read its table with: given to a client as its `credentials`.
 *
 * A client asks once and keeps them until they are about to end. The session's name tells the other account's trail
 * which subscription it was.
 */
export function assumedRole(sts: STSClient, roleArn: string, subscription: string): () => Promise<RoleCredentials> {
  const RoleSessionName = `millrace-${subscription}`.replace(/[^\w+=,.@-]/g, '-').slice(0, 64);
  return async () => {
    const command = new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName, DurationSeconds: SESSION_SECONDS });
    const { Credentials: given } = await sts.send(command);
    if (!given?.AccessKeyId || !given.SecretAccessKey || !given.SessionToken || !given.Expiration) {
      throw new MillraceError('unsupported', `assuming ${roleArn} gave no credentials`);
    }
    return {
      accessKeyId: given.AccessKeyId,
      secretAccessKey: given.SecretAccessKey,
      sessionToken: given.SessionToken,
      expiration: given.Expiration,
    };
  };
}

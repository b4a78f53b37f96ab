import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { givenUpBatches } from '../../../shared/aws/given-up-batches.ts';
import { waitingMessages } from '../../../shared/aws/waiting-messages.ts';
import type { FoundSchedule } from '../../../shared/aws/walk-schedules.ts';
import { checkDeadLetters, type Finding } from '../../../shared/core/operations-doctor.ts';
import { attempt } from './attempt.ts';

/** What waits in the on-failure destinations of a subscription's schedules. */
export async function givenUpChecks(schedules: readonly FoundSchedule[], name: string): Promise<readonly Finding[]> {
  const requests = schedules.map(({ input }) => input as Readonly<Record<string, unknown>>);
  const request = requests.find(({ subscription }) => subscription === name);
  const { kind, target } = (request?.onFailure ?? {}) as { readonly kind?: string; readonly target?: string };
  if (request === undefined || target === undefined) return [];
  if (kind === 's3') {
    const prefix = `millrace/${request.pipeline}/${name}/`;
    return attempt('given up', `s3:ListBucket on ${target}`, async () => {
      const objects = await givenUpBatches(new S3Client({}), target, prefix).list();
      return [checkDeadLetters(`s3://${target}/${prefix}`, objects.length)];
    });
  }
  if (kind !== 'sqs') return [];
  return attempt('given up', `sqs:GetQueueAttributes on ${target}`, async () => [
    checkDeadLetters(target, await waitingMessages(new SQSClient({}), target)),
  ]);
}

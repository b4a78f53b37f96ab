import { S3Client } from '@aws-sdk/client-s3';
import { givenUpBatches } from '../../shared/aws/given-up-batches.ts';
import { givenUpBatch, itemsLeft } from '../../shared/core/operations-redrive.ts';
import { EXIT, type ExitCode } from '../output/exit-code.ts';
import { isConfirmed } from '../output/question.ts';
import { counted } from '../output/words.ts';
import type { HandlerCall } from './redrive.ts';
import { refuse } from './refusal.ts';
import type { Session } from './session.ts';

export interface BucketOptions {
  readonly bucket: string;
  readonly prefix?: string;
  readonly yes?: boolean;
}

/**
 * Sends batches of an on-failure bucket again, the oldest first, and removes each that is handled.
 *
 * One that fails stays, and with it everything of its items that comes later, so that no item's changes are reordered
 * among themselves. They come long after newer changes of theirs: the handler must keep the newest by version.
 */
export async function redriveBucket(
  session: Session,
  subscription: string,
  { bucket, prefix = '', yes = false }: BucketOptions,
  deliver: HandlerCall,
): Promise<ExitCode> {
  const batches = givenUpBatches(new S3Client({}), bucket, prefix);
  const objects = await batches.list();
  const question = `Hand ${counted(objects.length, 'batch', 'batches')} of s3://${bucket}/${prefix} to the handler of ${subscription} again? Newer changes of the same items were handled before.`;
  if (objects.length > 0 && !(await isConfirmed(question, yes))) {
    return refuse(session, subscription, { kind: 'not-confirmed' });
  }
  const waiting = new Set<string>();
  const left: { readonly key: string; readonly why: string }[] = [];
  let handled = 0;
  for (const { key } of objects) {
    const batch = givenUpBatch(await batches.read(key));
    if (batch === null) {
      left.push({ key, why: 'it carries no event' });
      continue;
    }
    if (batch.items.some((item) => waiting.has(item))) {
      for (const item of batch.items) waiting.add(item);
      left.push({ key, why: 'older changes of its items wait' });
      continue;
    }
    const delivery = await deliver(batch.payload);
    const items = delivery.kind === 'answered' ? itemsLeft(batch, delivery.response ?? {}) : itemsLeft(batch, null);
    for (const item of items) waiting.add(item);
    if (items.length > 0) {
      left.push({ key, why: delivery.kind === 'answered' ? 'the handler refused a change' : delivery.message });
      continue;
    }
    await batches.remove(key);
    handled += 1;
  }
  if (session.isJson) console.log(JSON.stringify({ subscription, handled, left }));
  else {
    console.log(`${counted(handled, 'batch', 'batches')} handled`);
    for (const { key, why } of left) console.log(`left: ${key}: ${why}`);
  }
  return left.length > 0 ? EXIT.findings : EXIT.ok;
}

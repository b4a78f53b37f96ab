import type { SQSClient } from '@aws-sdk/client-sqs';
import { failureText } from '../core/failure-text.ts';
import type { FailureDestination } from '../core/ports.ts';
import { failed } from './errors.ts';

export interface SqsDestinationOptions {
  readonly queueUrl: string;
  /** @default - made when the first batch is given up, from the runtime's own SDK */
  readonly client?: SQSClient;
}

/** Sends batches to a queue, with the changes themselves where they fit. */
export function sqsDestination({ queueUrl, client }: SqsDestinationOptions): FailureDestination {
  let made = client;
  return {
    store: async (batch) => {
      try {
        const { SendMessageCommand, SQSClient } = await import('@aws-sdk/client-sqs');
        made ??= new SQSClient({});
        await made.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: failureText(batch) }));
        return { kind: 'stored' };
      } catch (error) {
        return failed(error);
      }
    },
  };
}

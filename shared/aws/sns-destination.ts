import type { SNSClient } from '@aws-sdk/client-sns';
import { failureText } from '../core/failure-text.ts';
import type { FailureDestination } from '../core/ports.ts';
import { failed } from './errors.ts';

export interface SnsDestinationOptions {
  readonly topicArn: string;
  /** @default - made when the first batch is given up, from the runtime's own SDK */
  readonly client?: SNSClient;
}

/** Publishes batches to a topic, with the changes themselves where they fit. */
export function snsDestination({ topicArn, client }: SnsDestinationOptions): FailureDestination {
  let made = client;
  return {
    store: async (batch) => {
      try {
        const { PublishCommand, SNSClient } = await import('@aws-sdk/client-sns');
        made ??= new SNSClient({});
        await made.send(new PublishCommand({ TopicArn: topicArn, Message: failureText(batch) }));
        return { kind: 'stored' };
      } catch (error) {
        return failed(error);
      }
    },
  };
}

import { Lazy } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { functionOf } from './handler-timeout.ts';
import { refuse } from './range.ts';

/** What a handler learns from its environment: which subscription its metrics belong to, and which run its changes. */
export interface HandlerFacts {
  readonly pipelineName: string;
  readonly subscriptionName: string;
  readonly run: number | undefined;
  /** Whether it parks: what is parked belongs to the name, which must not change because another joins it. */
  readonly isParking: boolean;
}

const toldTo = new WeakMap<lambda.Function, HandlerFacts[]>();

/**
 * Tells a handler of the app whose subscription it serves; one that serves several joins their names with `+`.
 *
 * An imported function's environment cannot be changed: its metrics bear its own name, unless its code says otherwise.
 */
export function tellHandler(subscription: IConstruct, handler: lambda.IFunction, facts: HandlerFacts): void {
  const target = functionOf(handler);
  if (!(target instanceof lambda.Function)) {
    if (facts.run !== undefined)
      refuse(subscription, 'run needs a function of this app: the environment of an imported one cannot be changed');
    return;
  }
  const known = toldTo.get(target) ?? [];
  const other = known.find(({ run }) => (run ?? 0) !== (facts.run ?? 0));
  if (other !== undefined) {
    refuse(
      subscription,
      `run must be ${other.run ?? 0} as for ${other.subscriptionName}, which has the same handler, got ${facts.run ?? 0}`,
    );
  }
  const parking = [...known, facts].find(({ isParking }) => isParking);
  if (known.length > 0 && parking !== undefined) {
    const others = [...known, facts].filter((one) => one !== parking).map((one) => one.subscriptionName);
    refuse(
      subscription,
      `parking needs a handler of its own: that of ${parking.subscriptionName} serves ${others.join(', ')}, too; make another function of the same code`,
    );
  }
  known.push(facts);
  if (!toldTo.has(target)) {
    const joined = (name: 'pipelineName' | 'subscriptionName') =>
      Lazy.string({ produce: () => [...new Set(known.map((one) => one[name]))].join('+') });
    target.addEnvironment('MILLRACE_PIPELINE', joined('pipelineName'));
    target.addEnvironment('MILLRACE_SUBSCRIPTION', joined('subscriptionName'));
    if (facts.run !== undefined) target.addEnvironment('MILLRACE_RUN', String(facts.run));
  }
  toldTo.set(target, known);
}

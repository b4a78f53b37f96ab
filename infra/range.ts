import { type Duration, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { MillraceError } from '../shared/core/errors.ts';

/** Fails at synth, in the construct's name: a person has to change their stack. */
export function refuse(scope: IConstruct, message: string): never {
  throw new MillraceError('invalid-request', `${scope.node.path}: ${message}`);
}

/** Checks a whole number, if there is one and it is known before the deployment. */
export function checkWhole(scope: IConstruct, name: string, value: number | undefined, min: number, max: number): void {
  if (value === undefined || Token.isUnresolved(value)) return;
  if (!Number.isInteger(value) || value < min || value > max) {
    refuse(scope, `${name} must be a whole number from ${min} to ${max}, got ${value}`);
  }
}

/** Checks a duration in whole seconds, if there is one and it is known before the deployment. */
export function checkSeconds(
  scope: IConstruct,
  name: string,
  value: Duration | undefined,
  min: number,
  max: number,
): void {
  if (value === undefined || value.isUnresolved()) return;
  const seconds = value.toMilliseconds() / 1_000;
  if (!Number.isInteger(seconds) || seconds < min || seconds > max) {
    refuse(scope, `${name} must be a whole number of seconds from ${min} to ${max}, got ${seconds} s`);
  }
}

/** Fails on a value that only the deployment knows, where the template depends on it. */
export function checkKnown(scope: IConstruct, name: string, value: unknown): void {
  if (Token.isUnresolved(value)) refuse(scope, `${name} must be known at synth, got a token`);
}

/** A duration's milliseconds; one that only the deployment knows has to be given in them, because CDK cannot convert it. */
export function millisecondsOf(scope: IConstruct, name: string, value: Duration): number {
  try {
    return value.toMilliseconds();
  } catch (error) {
    if (!value.isUnresolved()) throw error;
    return refuse(
      scope,
      `${name} must be given by Duration.millis where only the deployment knows it, got ${value.unitLabel()}`,
    );
  }
}

/** Checks a duration in whole minutes, which is what rates are made of. */
export function checkMinutes(
  scope: IConstruct,
  name: string,
  value: Duration | undefined,
  min: number,
  max: number,
): void {
  if (value === undefined || value.isUnresolved()) return;
  checkWhole(scope, `${name} in minutes`, value.toMilliseconds() / 60_000, min, max);
}

import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refuse } from './range.ts';

/**
 * Fails on a name that metrics cannot bear, or that means more than itself in a permission.
 *
 * CloudWatch drops a metric with a dimension that is longer than 255 characters, not ASCII, blank, or begins with a
 * colon; a policy's resource reads `*`, `?` and `$` as patterns and variables.
 */
export function checkName(scope: IConstruct, what: string, name: string): void {
  if (Token.isUnresolved(name) || (NAME.test(name) && name.trim() !== '')) return;
  refuse(
    scope,
    `${what} must be 1 to 255 ASCII characters without *, ? and $, and not begin with a colon, got ${JSON.stringify(name)}`,
  );
}

const NAME = /^(?!:)[\x20-\x23\x25-\x29\x2b-\x3e\x40-\x7e]{1,255}$/;

import { ArnFormat, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type { IConstruct } from 'constructs';
import { refuse } from './range.ts';

/** A table's region and account. */
export interface TablePlace {
  readonly region: string;
  readonly account: string;
}

/** Where a table is: an imported one's place is in its stream's ARN or its own, while its construct claims its stack's. */
export function placeOf(table: dynamodb.ITable, region: string | undefined): TablePlace {
  const known = [table.tableStreamArn, table.tableArn].find((one) => one !== undefined && !Token.isUnresolved(one));
  if (known === undefined) return { region: region ?? table.env.region, account: table.env.account };
  const arn = Stack.of(table).splitArn(known, ArnFormat.SLASH_RESOURCE_NAME);
  return { region: region ?? arn.region ?? table.env.region, account: arn.account ?? table.env.account };
}

/** Whether a table is in the subscription's region, and in its account. */
export function compareWithHere(
  subscription: IConstruct,
  place: TablePlace,
): { readonly isRegion: boolean; readonly isAccount: boolean } {
  const here = Stack.of(subscription);
  return {
    isRegion: isSame(subscription, 'region', place.region, here.region),
    isAccount: isSame(subscription, 'account', place.account, here.account),
  };
}

function isSame(scope: IConstruct, what: 'region' | 'account', theirs: string, ours: string): boolean {
  switch (Token.compareStrings(theirs, ours)) {
    case TokenComparison.SAME:
    // As everywhere in CDK: two places left open are taken for one.
    case TokenComparison.BOTH_UNRESOLVED:
      return true;
    case TokenComparison.DIFFERENT:
      return false;
    default:
      return refuse(
        scope,
        `the table's ${what} and the pipeline's cannot be compared: give their stacks an explicit ${what} (env)`,
      );
  }
}

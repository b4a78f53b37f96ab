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

/** Whether a table, or a stream (`whose` names it in the error), is in the subscription's region, and in its account. */
export function compareWithHere(
  subscription: IConstruct,
  place: TablePlace,
  whose = "the table's",
): { readonly isRegion: boolean; readonly isAccount: boolean } {
  const here = Stack.of(subscription);
  return {
    isRegion: isSame(subscription, whose, 'region', place, here),
    isAccount: isSame(subscription, whose, 'account', place, here),
  };
}

function isSame(
  scope: IConstruct,
  whose: string,
  what: 'region' | 'account',
  theirs: TablePlace,
  ours: TablePlace,
): boolean {
  switch (Token.compareStrings(theirs[what], ours[what])) {
    case TokenComparison.SAME:
    // As everywhere in CDK: two places left open are taken for one.
    case TokenComparison.BOTH_UNRESOLVED:
      return true;
    case TokenComparison.DIFFERENT:
      return false;
    default:
      return refuse(
        scope,
        `${whose} ${what} and the pipeline's cannot be compared: give their stacks an explicit ${what} (env)`,
      );
  }
}

import * as iam from 'aws-cdk-lib/aws-iam';

/** A statement that allows these actions on these resources. */
export const allow = (
  actions: readonly string[],
  resources: readonly string[],
  conditions?: { readonly [operator: string]: unknown },
): iam.PolicyStatement =>
  new iam.PolicyStatement({ actions: [...actions], resources: [...resources], ...(conditions && { conditions }) });

import { errorMessage, isDenied, isWithoutCredentials, isWithoutRegion } from '../../../shared/aws/errors.ts';
import { MillraceError } from '../../../shared/core/errors.ts';
import type { Finding } from '../../../shared/core/operations-doctor.ts';

const REGION = 'name it with --region, AWS_REGION or a profile';

/** Makes a check; what keeps it from being made is a finding, too. */
export async function attempt(
  check: string,
  needed: string,
  act: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await act();
  } catch (error) {
    if (isWithoutRegion(error)) return [{ check, result: 'problem', detail: 'no region is named', remedy: REGION }];
    if (error instanceof MillraceError) return [{ check, result: 'skipped', detail: error.message }];
    // One check says it; the others need not repeat it.
    if (isWithoutCredentials(error) && check !== 'credentials') {
      return [{ check, result: 'skipped', detail: 'it needs credentials' }];
    }
    const detail = errorMessage(error);
    if (isDenied(error)) return [{ check, result: 'problem', detail, remedy: `you need ${needed}` }];
    return [{ check, result: 'problem', detail, remedy: 'see whether region, endpoint and network are right' }];
  }
}

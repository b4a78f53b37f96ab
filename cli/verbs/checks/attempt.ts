import { errorMessage, isDenied } from '../../../shared/aws/errors.ts';
import type { Finding } from '../../../shared/core/operations-doctor.ts';

/** Makes a check; what keeps it from being made is a finding, too. */
export async function attempt(
  check: string,
  needed: string,
  act: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await act();
  } catch (error) {
    const detail = errorMessage(error);
    if (isDenied(error)) return [{ check, result: 'problem', detail, remedy: `you need ${needed}` }];
    return [{ check, result: 'problem', detail, remedy: 'see whether region, endpoint and network are right' }];
  }
}

import { GetScheduleCommand, paginateListSchedules, type SchedulerClient } from '@aws-sdk/client-scheduler';

/** A schedule of EventBridge that ticks a walk. */
export interface FoundSchedule {
  readonly name: string;
  readonly group: string;
  readonly isEnabled: boolean;
  /** Such as `rate(1 minute)`. */
  readonly expression: string;
  /** The target's input as it stands there: a walk request, for a walk's. */
  readonly input: unknown;
}

/** Every schedule of the region whose input names a subscription and a state table. */
export async function walkSchedules(client: SchedulerClient): Promise<readonly FoundSchedule[]> {
  const found: FoundSchedule[] = [];
  for await (const page of paginateListSchedules({ client }, {})) {
    for (const { Name, GroupName, Target } of page.Schedules ?? []) {
      if (!Target?.Arn?.includes(':lambda:')) continue;
      const schedule = await client.send(new GetScheduleCommand({ Name, GroupName }));
      const input = parsed(schedule.Target?.Input);
      if (typeof input !== 'object' || input === null || !('subscription' in input && 'stateTable' in input)) continue;
      found.push({
        name: Name ?? '',
        group: GroupName ?? '',
        isEnabled: schedule.State !== 'DISABLED',
        expression: schedule.ScheduleExpression ?? '',
        input,
      });
    }
  }
  return found;
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

/** What a dashboard says of itself: what each heading means, and where to read on. */
export function dashboardText(pipeline: {
  readonly pipelineName: string;
  readonly runbookUrl?: string | undefined;
}): string {
  const runbook =
    pipeline.runbookUrl === undefined
      ? 'The runbook is docs/operations.md of Millrace; docs/watching.md explains every metric and alarm.'
      : `[Runbook](${pipeline.runbookUrl}). docs/watching.md of Millrace explains every metric and alarm.`;
  return [
    `## Changes of ${pipeline.pipelineName}`,
    'A row for each subscription, under the same headings whether Lambda reads its stream (event source mapping) or the shard walker does.',
    '',
    'heading | what it shows | worry when',
    '---|---|---',
    '**Lag** | how old the oldest unread change can be; near 0 on a quiet table | it grows: the handler is slow, failing or throttled',
    '**Hours until loss** | for how long the stream keeps a change (a table: 24 hours), less the lag | under 12',
    '**Records** | read from the stream, accepted by the handler, kept back by filters | read stays above delivered and filtered',
    '**Failures** | records of failed invocations (every retry counts), given up, refused by the on-failure destination | given up or refused is above 0',
    '**Parked and gaps** | changes that wait for a redrive; changes that may be lost (the walker tells, a mapping cannot) | above 0',
    "**Handler** | errors, throttles, slowest calls of the handler's function | throttles: its concurrency is used up",
    '',
    runbook,
  ].join('\n');
}

/** What a dashboard says of the walker's headings, above them. */
export const WALKER_TEXT = [
  '### Walker',
  '**Walks**: ticks of the schedules, and walks that died or were not started: the next tick goes on where one left. **Walk duration**: at most 15 minutes; long walks are busy, not slow. **Active workers**: those that share the shards.',
  '**Shards**: readable now, and waiting for their parents to be read. **Cost: reads**: GetRecords calls. **Cost: state writes**: writes to the state table.',
].join('\n');

/** What a dashboard says of a bootstrap's figures, beside them. */
export const runText = (subscriptionName: string): string =>
  [
    `**The bootstrap of ${subscriptionName}**: how far its run is, while a slice of the scan is read; without a line between the slices and when no run goes on.`,
    "**Run: items** are settled: delivered, or filtered; **Run: segments left** are not finished. **Run: percent** and **Run: hours left** are estimated from the table's item count and the finished segments, at the average rate since the run began. Worry when items stand still while percent is there.",
  ].join('\n\n');

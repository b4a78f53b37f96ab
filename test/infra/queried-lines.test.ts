import { Logger } from '@aws-lambda-powertools/logger';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { WalkEvent, WalkSummary } from '../../shared/core/walk-event.ts';
import { changeHandler } from '../../shared/handler.ts';
import { eventOf, insertOf, runHandler } from '../../shared/testing/index.ts';
import { simulatedClock } from '../../shared/testing/simulated-clock.ts';
import { walkReport } from '../../shared/walk-report.ts';
import { MINUTE } from '../support/durations.ts';
import { aGap } from '../support/shards.ts';
import { aWatch } from './a-watch.ts';

const summary: WalkSummary = {
  reason: 'idle',
  openShards: 1,
  waitingShards: 0,
  finishedShards: 0,
  haltedShards: 0,
  lagMs: 3 * MINUTE,
  durationMs: 30_000,
  records: 12,
  batches: 3,
  failures: 1,
  pages: 40,
  stateWrites: 6,
  gaps: 0,
};

const range = { startSequenceNumber: '100', endSequenceNumber: '102' };

/** A saved query, a command a line. */
function queryOf(title: string): readonly string[] {
  const saved = Object.values(aWatch().template.findResources('AWS::Logs::QueryDefinition'));
  const query = saved.find(({ Properties }) => Properties.Name.endsWith(title));
  return String(query?.Properties.QueryString).split('\n| ');
}

/** What is written to standard output meanwhile, line by line. */
async function printedBy(run: () => unknown): Promise<readonly string[]> {
  const lines: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(...String(text).trim().split('\n')) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(...String(text).trim().split('\n')) > 0);
  onTestFinished(() => void vi.restoreAllMocks());
  await run();
  vi.restoreAllMocks();
  return lines;
}

/** What the walker prints of these events, as in Lambda. */
const walkerLines = (...events: readonly WalkEvent[]): Promise<readonly string[]> =>
  printedBy(() => {
    const clock = simulatedClock(0);
    const logger = new Logger({ serviceName: 'millrace-walker' });
    const report = walkReport({ pipeline: 'Shop', subscription: 'orders' }, { logger, emit: () => undefined, clock });
    for (const event of events) report(event);
  });

/** What a handler prints of an item's insert that fails. */
const handlerLines = (item: Record<string, unknown>): Promise<readonly string[]> =>
  printedBy(async () => {
    const handler = changeHandler({ insert: () => Promise.reject(new Error('no such customer')) });
    await runHandler(handler, eventOf([insertOf(item)], { keys: ['id'] }));
  });

/** The fields of a line of JSON as Logs Insights names them. */
function fieldsOf(value: unknown, prefix = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [prefix];
  return Object.entries(value).flatMap(([name, part]) => fieldsOf(part, prefix === '' ? name : `${prefix}.${name}`));
}

const fieldsNamed = (command: string): readonly string[] =>
  command.match(/(?<![@\w".])[a-z]\w*(?:\.\w+)+(?!\()/gi) ?? [];

test('every field that a query names is in a line that is really written', async () => {
  const { status: _status, ...gap } = aGap();
  const lines = [
    ...(await walkerLines(
      { kind: 'walk-ended', summary },
      { kind: 'gap', gap, halted: true },
      { kind: 'batch-failed', shardId: 'a', records: 3, attempt: 2, message: 'it threw', ...range },
    )),
    ...(await handlerLines({ id: 'o-1' })),
  ];
  const written = new Set(lines.flatMap((line) => fieldsOf(JSON.parse(line))));

  const named = ['slowest subscriptions', 'errors by item', "a record's history"].flatMap(queryOf).flatMap(fieldsNamed);

  expect(named.length).toBeGreaterThan(6);
  expect(named.filter((field) => !written.has(field))).toEqual([]);
  for (const field of ['level', 'message', 'subscription', 'shardId', 'detail']) expect([...written]).toContain(field);
});

test("the slowest subscriptions are asked of the walks' own lines", async () => {
  const [line = ''] = await walkerLines({ kind: 'walk-ended', summary });

  expect(queryOf('slowest subscriptions')[0]).toBe('filter message = "walk-ended"');
  expect(JSON.parse(line)).toMatchObject({ message: 'walk-ended', subscription: 'orders', summary });
});

test.each(['o-1', 'a}b', 'quoted " and \\ back', '{"keys":{}}'])(
  'errors are counted by the keys of the item: %s',
  async (id) => {
    const [line = '', ...others] = await handlerLines({ id });
    const [filter, parse = ''] = queryOf('errors by item');

    const keys = new RegExp(/^parse @message \/(.*)\/$/.exec(parse)?.[1] ?? '^$').exec(line)?.groups?.keys;

    expect(others).toEqual([]);
    expect(filter).toBe('filter level = "ERROR" and ispresent(change.sequenceNumber)');
    expect(JSON.parse(line)).toMatchObject({ level: 'ERROR', error: { message: 'no such customer' } });
    expect(JSON.parse(line).change.sequenceNumber).toMatch(/^\d+$/);
    expect(JSON.parse(keys ?? '')).toEqual({ id });
  },
);

test('a record is found by its sequence number, its event id and a key', async () => {
  const [line = ''] = await handlerLines({ id: 'o-1' });
  const { change } = JSON.parse(line);

  for (const wanted of [change.sequenceNumber, change.eventId, 'o-1']) expect(line).toContain(wanted);
});

test.each<WalkEvent>([
  { kind: 'batch-failed', shardId: 'a', records: 3, attempt: 2, message: 'it threw', ...range },
  { kind: 'batch-given-up', shardId: 'a', records: 3, condition: 'RetryAttemptsExhausted', ...range },
])('a batch is found in the log of the walker by its first and its last record: $kind', async (event) => {
  const lines = await walkerLines(event);

  expect(lines).toHaveLength(1);
  for (const wanted of [range.startSequenceNumber, range.endSequenceNumber]) expect(lines[0]).toContain(`"${wanted}"`);
});

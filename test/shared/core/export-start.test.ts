import { describe, expect, test } from 'vitest';
import { checkAge, exportDoubt, exportStart } from '../../../shared/core/export-start.ts';
import { STREAMING } from '../../../shared/core/phase.ts';
import { shardEnd } from '../../../shared/core/position.ts';
import { runOfChange } from '../../../shared/core/run.ts';
import { exportSegments, filesOfSegment, placeAfter, type TableExport } from '../../../shared/core/table-export.ts';
import { HOUR, MINUTE } from '../../support/durations.ts';
import { aLease } from '../../support/shards.ts';

const AS_OF = 100 * HOUR;
const exported: TableExport = {
  arn: 'arn:export',
  tableArn: 'arn:table',
  tableId: 'id',
  asOfMs: AS_OF,
  items: 0,
  files: [],
};
const facts = { start: exportStart(exported), streamCreatedAtMs: AS_OF - HOUR, rows: [aLease()] };

test('the changes begin five minutes before the export, whose time is true to a minute', () => {
  expect(exportStart({ asOfMs: AS_OF + 999 })).toEqual({ at: 'time', momentMs: AS_OF - 5 * MINUTE });
});

test('an export serves as long as the stream keeps the changes since, less an hour', () => {
  expect(() => checkAge(exported, AS_OF + 23 * HOUR)).not.toThrow();
  expect(() => checkAge(exported, AS_OF + 23 * HOUR + 1)).toThrow(
    'bootstrap.export must be at most 23 hours old when its run begins, got 1970-01-05T04:00:00.000Z (arn:export)',
  );
});

describe('an export', () => {
  test('serves a subscription that has delivered nothing', () => {
    expect(exportDoubt(exported, facts)).toBeNull();
    expect(exportDoubt(exported, { ...facts, start: { at: 'trim-horizon' } })).toBeNull();
  });

  test('serves one that was rewound to before it', () => {
    const rows = [aLease({ lastRecordAtMs: AS_OF - 4 * MINUTE, caughtUpAtMs: AS_OF - 4 * MINUTE })];

    expect(exportDoubt(exported, { ...facts, rows })).toBeNull();
  });

  test('serves where a shard that ended before the start is finished unread', () => {
    const rows = [aLease({ position: shardEnd(), caughtUpAtMs: AS_OF + HOUR })];

    expect(exportDoubt(exported, { ...facts, rows })).toBeNull();
  });

  test.each([
    [
      'a change made after it was delivered',
      { rows: [aLease({ lastRecordAtMs: AS_OF - MINUTE })] },
      'were delivered already',
    ],
    ['an idle shard was read up to it', { rows: [aLease({ caughtUpAtMs: AS_OF - MINUTE })] }, 'were delivered already'],
    [
      'a finished shard had a change that it may not have',
      { rows: [aLease({ position: shardEnd(), lastRecordAtMs: AS_OF - MINUTE })] },
      'were delivered already',
    ],
    [
      'the changes begin too late',
      { start: { at: 'latest', momentMs: AS_OF - MINUTE + 1 } as const },
      'changes must begin a minute before',
    ],
    [
      'the stream is younger',
      { streamCreatedAtMs: AS_OF - MINUTE + 1 },
      'the stream must have been on a minute before',
    ],
  ])('does not serve where %s', (_, changes, doubt) => {
    expect(exportDoubt(exported, { ...facts, ...changes })).toContain(doubt);
  });
});

test('a change since the export is newer than its items, also one made hours before the run began', () => {
  const phase = { ...STREAMING, run: 2, runBeganAtMs: AS_OF + 9 * HOUR };
  const of = { ...phase, export: { arn: 'arn:export', asOfMs: AS_OF } };

  expect(runOfChange(of, AS_OF + 1)).toBe(2);
  expect(runOfChange(of, AS_OF - 16 * MINUTE)).toBe(1);
  expect(runOfChange(phase, AS_OF + 1)).toBe(1);
});

describe('the files of a segment', () => {
  const files = [3, 0, 2, 4].map((items, index) => ({ key: `file-${index}`, items, md5: '' }));

  test('are every nth, so that each file is in one segment', () => {
    expect(filesOfSegment(files, 0, 2).map(({ key }) => key)).toEqual(['file-0', 'file-2']);
    expect(filesOfSegment(files, 1, 2).map(({ key }) => key)).toEqual(['file-1', 'file-3']);
  });

  test.each([
    [0, { file: 0, line: 0 }],
    [2, { file: 0, line: 2 }],
    [3, { file: 2, line: 0 }],
    [4, { file: 2, line: 1 }],
    [5, { file: 3, line: 0 }],
    [9, { file: 4, line: 0 }],
  ])('go on after item %i where it is', (items, place) => {
    expect(placeAfter(files, items)).toEqual(place);
  });

  test('are a segment each, up to a hundred, or as many as are wanted', () => {
    expect([0, 7, 5_000].map((count) => exportSegments(count))).toEqual([1, 7, 100]);
    expect(exportSegments(7, 3)).toBe(3);
    expect(exportSegments(7, 30)).toBe(7);
  });
});

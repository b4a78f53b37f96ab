import { expect, test } from 'vitest';
import { emfLine } from '../../../shared/core/emf.ts';

const owner = { pipeline: 'orders', subscription: 'receipts' };

test('a metrics line is what CloudWatch’s embedded metric format asks for, with each metric’s own unit', () => {
  const line = emfLine(owner, { RecordsRead: 7, LagMilliseconds: 0 }, 1_700_000_000_000);

  expect(JSON.parse(line)).toEqual({
    _aws: {
      Timestamp: 1_700_000_000_000,
      CloudWatchMetrics: [
        {
          Namespace: 'Millrace',
          Dimensions: [['pipeline', 'subscription']],
          Metrics: [
            { Name: 'RecordsRead', Unit: 'Count' },
            { Name: 'LagMilliseconds', Unit: 'Milliseconds' },
          ],
        },
      ],
    },
    pipeline: 'orders',
    subscription: 'receipts',
    RecordsRead: 7,
    LagMilliseconds: 0,
  });
});

test('a metrics line is one line', () => {
  expect(emfLine(owner, { Gaps: 1 }, 0)).not.toContain('\n');
});

import { Duration } from 'aws-cdk-lib';
import * as sns from 'aws-cdk-lib/aws-sns';
import { expect, test } from 'vitest';
import { alarmsOf, aMapped, aWalked, aWatch } from './a-watch.ts';

const MAPPED = ['GivenUp', 'HoursUntilLoss', 'Lag', 'OnFailureRefused', 'Parked', 'ReadsNothing'];
const WALKED = ['Gap', 'GivenUp', 'HoursUntilLoss', 'Lag', 'NoWalk', 'OnFailureRefused', 'Parked'];

test('each path has the alarms that it can have, and the walker its own', () => {
  const { template } = aWatch();

  expect(Object.keys(alarmsOf(template)).sort()).toEqual(
    [
      ...MAPPED.map((name) => `orders${name}`),
      ...WALKED.map((name) => `ordersabroad${name}`),
      'WalkerAlarmsWalkerErrors',
      'WalkerAlarmsWalkerThrottles',
    ].sort(),
  );
});

test('every alarm names its subscription or pipeline and says what has happened and what to do', () => {
  const { template } = aWatch();

  for (const [id, alarm] of Object.entries(alarmsOf(template))) {
    const text = String(alarm.AlarmDescription);
    const name = id.startsWith('Walker') ? 'Shop: ' : id.startsWith('ordersabroad') ? 'orders-abroad: ' : 'orders: ';
    expect(text).toContain(name);
    expect(text.slice(text.indexOf(': ') + 2).split(/[.;] /).length).toBeGreaterThan(1);
    expect(text.length).toBeLessThan(1024);
  }
});

test('the lag of a walked subscription alarms after a quarter of an hour on end, and keeps its state between walks', () => {
  const { template } = aWatch();

  expect(alarmsOf(template).ordersabroadLag).toMatchObject({
    Namespace: 'Millrace',
    MetricName: 'LagMilliseconds',
    Dimensions: [
      { Name: 'pipeline', Value: 'Shop' },
      { Name: 'subscription', Value: 'orders-abroad' },
    ],
    Statistic: 'Maximum',
    Period: 60,
    EvaluationPeriods: 15,
    DatapointsToAlarm: 15,
    Threshold: 900_000,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'ignore',
  });
});

test("a bootstrap's slice comes on top: changes wait while it scans", () => {
  const { template } = aWatch({}, (stack) => [aWalked(stack, { scanSlice: Duration.hours(1) })]);

  expect(alarmsOf(template).ordersabroadLag).toMatchObject({ Threshold: 75 * 60_000 });
});

test("a mapping's lag is the iterator age of its function, which is missing while its table is quiet", () => {
  const { template } = aWatch();

  expect(alarmsOf(template).ordersLag).toMatchObject({
    Namespace: 'AWS/Lambda',
    MetricName: 'IteratorAge',
    Dimensions: [{ Name: 'FunctionName', Value: { Ref: expect.stringContaining('OrdersHandler') } }],
    TreatMissingData: 'notBreaching',
  });
});

test('a slow or retried batch of a mapping tells its age every few minutes only: the alarm looks at five at a time', () => {
  const alarms = alarmsOf(aWatch().template);

  expect(alarms.ordersLag).toMatchObject({ Period: 300, EvaluationPeriods: 3, DatapointsToAlarm: 3 });
  expect(alarms.ordersHoursUntilLoss).toMatchObject({ EvaluationPeriods: 1, DatapointsToAlarm: 1 });
  const [age] = JSON.parse(JSON.stringify(alarms.ordersHoursUntilLoss?.Metrics)).filter(
    ({ MetricStat }: { MetricStat?: object }) => MetricStat,
  );
  expect(age.MetricStat).toMatchObject({ Metric: { MetricName: 'IteratorAge' }, Period: 300, Stat: 'Maximum' });
});

test('hours until loss alarm at half of the retention on both paths', () => {
  const alarms = alarmsOf(aWatch().template);

  for (const id of ['ordersHoursUntilLoss', 'ordersabroadHoursUntilLoss']) {
    expect(alarms[id]).toMatchObject({ Threshold: 12, ComparisonOperator: 'LessThanThreshold' });
  }
  expect(alarms.ordersabroadHoursUntilLoss).toMatchObject({ Period: 60, EvaluationPeriods: 5 });
  expect(JSON.stringify(alarms.ordersHoursUntilLoss?.Metrics)).toContain('(86400000 - age) / 3600000');
  expect(alarms.ordersabroadHoursUntilLoss).toMatchObject({ MetricName: 'HoursUntilLoss', Statistic: 'Minimum' });
});

test('no walk for ten minutes is found by the lag that nobody tells', () => {
  expect(alarmsOf(aWatch().template).ordersabroadNoWalk).toMatchObject({
    MetricName: 'LagMilliseconds',
    Statistic: 'SampleCount',
    EvaluationPeriods: 10,
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
  });
});

test('a mapping that reads nothing while its source is written is found by both metrics', () => {
  const alarm = alarmsOf(aWatch().template).ordersReadsNothing;
  const metrics = JSON.stringify(alarm?.Metrics);

  expect(alarm).toMatchObject({ EvaluationPeriods: 4, DatapointsToAlarm: 2, TreatMissingData: 'notBreaching' });
  expect(metrics).toContain('IF(written > 0 AND MAX([polled, none]) == 0, 1, 0)');
  expect(metrics).toContain('"0 * written"');
  expect(metrics).toContain('ConsumedWriteCapacityUnits');
  expect(metrics).toContain('PolledEventCount');
});

test('what lies in an on-failure queue is asked of the queue; where it is no queue, what was given up counts', () => {
  const { template } = aWatch({}, (stack) => [aMapped(stack, { onFailureQueueName: 'failed' }), aWalked(stack)]);
  const alarms = alarmsOf(template);

  expect(alarms.ordersGivenUp).toMatchObject({
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [{ Name: 'QueueName', Value: 'failed' }],
  });
  expect(alarms.ordersabroadGivenUp).toMatchObject({ Namespace: 'Millrace', MetricName: 'RecordsGivenUp' });
});

test('a subscription that is not enabled, or does not park, has no alarm that would always be on, or never', () => {
  const off = { isEnabled: false, isParking: false } as const;
  const ids = Object.keys(alarmsOf(aWatch({}, (stack) => [aMapped(stack, off), aWalked(stack, off)]).template));

  expect(ids.filter((id) => /NoWalk|ReadsNothing|Parked/.test(id))).toEqual([]);
});

test('the topic is told when an alarm goes off and when all is well again', () => {
  const { template } = aWatch((stack) => ({ alarmTopic: new sns.Topic(stack, 'Topic') }));
  const alarms = Object.values(alarmsOf(template));

  expect(alarms.length).toBeGreaterThan(10);
  for (const alarm of alarms) {
    expect(alarm.AlarmActions).toEqual([{ Ref: expect.stringContaining('Topic') }]);
    expect(alarm.OKActions).toEqual(alarm.AlarmActions);
  }
});

test('thresholds are the choice of whoever is paged', () => {
  const { template } = aWatch({
    alarmThresholds: { lag: Duration.hours(2), untilLoss: Duration.hours(4), withoutWalk: Duration.minutes(5) },
  });
  const alarms = alarmsOf(template);

  expect(alarms.ordersLag).toMatchObject({ Threshold: 7_200_000 });
  expect(alarms.ordersHoursUntilLoss).toMatchObject({ Threshold: 4 });
  expect(alarms.ordersabroadNoWalk).toMatchObject({ EvaluationPeriods: 5 });
});

test.each([
  [{ lag: Duration.seconds(30) }, 'alarmThresholds.lag must be a whole number of seconds from 60 to 82800, got 30 s'],
  [
    { untilLoss: Duration.days(2) },
    'alarmThresholds.untilLoss must be a whole number of seconds from 3600 to 82800, got 172800 s',
  ],
  [{ withoutWalk: Duration.seconds(200) }, 'alarmThresholds.withoutWalk must be whole minutes, got 200 s'],
])('fails for a threshold that makes no sense: %j', (alarmThresholds, message) => {
  expect(() => aWatch({ alarmThresholds })).toThrow(message);
});

test('without alarms there are none', () => {
  expect(alarmsOf(aWatch({ alarms: false }).template)).toEqual({});
});

test('a subscription for all tables that match has an alarm for those that are broken, and no other has', () => {
  const ofTables = alarmsOf(aWatch({}, (stack) => [aWalked(stack, { isForTables: true })]).template);

  expect(ofTables.ordersabroadBrokenTables).toMatchObject({
    ...{ MetricName: 'BrokenTables', Threshold: 1, EvaluationPeriods: 5, TreatMissingData: 'ignore' },
    AlarmDescription: expect.stringContaining('"millrace tables orders-abroad" says which'),
  });
  expect(Object.keys(alarmsOf(aWatch().template)).filter((id) => id.includes('BrokenTables'))).toEqual([]);
});

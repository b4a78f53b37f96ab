import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { METRICS } from '../../../shared/core/metrics.ts';
import { redriveEvent } from '../../../shared/core/redrive-event.ts';
import { eventOf, insertOf, modifyOf } from '../../../shared/testing/index.ts';
import { aHandler, aParking, type Thing } from './a-parking.ts';

const written: { readonly [name: string]: unknown }[] = [];

beforeEach(() => {
  written.length = 0;
  vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'things');
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
    written.push(JSON.parse(String(line)));
    return true;
  });
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const figures = () => Object.assign({}, ...written.splice(0).filter((line) => !('kind' in line)));

test('metrics tell how much is parked, and what a redrive handled', async () => {
  let isBroken = true;
  const { invoke, log } = aHandler(aParking({ attempts: 1 }), ({ id }) => {
    if (isBroken && id === 'a') throw new Error('no');
  });

  await invoke(eventOf([insertOf<Thing>({ id: 'a' }), modifyOf<Thing>({ id: 'a' }, { id: 'a', step: 1 })]));
  const parking = figures();
  await invoke(eventOf([insertOf<Thing>({ id: 'b' })]));
  const later = figures();
  isBroken = false;
  await invoke(redriveEvent());
  const redriving = figures();

  expect(parking).toMatchObject({ Parked: 2, ChangesFailed: 1, ParkedItems: 0 });
  expect(later).toMatchObject({ ChangesFailed: 0, ParkedItems: 1 });
  expect(later).not.toHaveProperty('Parked');
  expect(redriving).toMatchObject({ Redriven: 2, ChangesFailed: 0 });
  expect(Object.keys(METRICS)).toEqual(expect.arrayContaining(['Parked', 'ParkedItems', 'Redriven']));
  expect(log.lines().filter(({ level }) => level === 'ERROR')).toMatchObject([
    { message: 'a change kept failing and is parked', attempts: 1, change: { keys: { id: 'a' } } },
  ]);
});

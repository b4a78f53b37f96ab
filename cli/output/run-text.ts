import type { RunProgress } from '../../shared/core/scan-progress.ts';
import { counted, durationText, timeText } from './words.ts';

const BAR_LENGTH = 24;

/** A share as a bar of 24 places: `[##########--------------]`. */
export function barText(share: number): string {
  const filled = Math.floor(Math.min(1, Math.max(0, share)) * BAR_LENGTH);
  return `[${'#'.repeat(filled)}${'-'.repeat(BAR_LENGTH - filled)}]`;
}

/** Whether nothing more is to come of a run. */
export const isOver = ({ state }: Pick<RunProgress, 'state'>): boolean => state === 'complete' || state === 'cancelled';

/** How far a run is, in one line: a bar on a terminal, its state, what is done, how fast, and until when. */
export function runText(run: RunProgress, nowMs: number, stream: NodeJS.WritableStream): string {
  const { share, state } = run;
  const isTTY = 'isTTY' in stream && stream.isTTY === true;
  if (state === 'awaited') return `run ${run.run} begins with the next tick`;
  const bar = share === null || !isTTY ? [] : [barText(share)];
  const percent = share === null ? [] : [`${(Math.floor(share * 1_000) / 10).toFixed(1)} %`];
  return [[`run ${run.run}`, ...bar, ...percent].join(' '), stateText(run, nowMs), ...doneTexts(run)].join(', ');
}

function stateText({ state, slice, sliceEndsAtMs, endsAtMs }: RunProgress, nowMs: number): string {
  const which = slice === null ? 'a slice' : `slice ${slice}`;
  switch (state) {
    case 'scanning':
      return `${which} of the scan${sliceEndsAtMs === null ? '' : `, which ends in ${durationText(sliceEndsAtMs - nowMs)} at the latest`}`;
    case 'catching-up':
      return `catching up with the changes after ${which}`;
    case 'complete':
      return endsAtMs === null ? 'complete' : `complete since ${timeText(endsAtMs)}`;
    case 'cancelled':
      return 'cancelled';
    case 'awaited':
      return 'asked for';
  }
}

function doneTexts({ items, expectedItems, state, segments, segmentsDone, itemsPerSecond, leftMs }: RunProgress) {
  const about = expectedItems === null || isOver({ state }) ? '' : ` of about ${grouped(expectedItems)}`;
  return [
    `${grouped(items)}${about} ${items === 1 && about === '' ? 'item' : 'items'}`,
    `${segmentsDone} of ${counted(segments, 'segment', 'segments')}`,
    ...(itemsPerSecond === null ? [] : [`${rateText(itemsPerSecond)} items/s`]),
    ...(leftMs === null ? [] : [`about ${durationText(leftMs)} left`]),
  ];
}

const rateText = (rate: number): string => (rate >= 10 ? grouped(Math.round(rate)) : rate.toFixed(1));

/** `1,234,567`, whatever the machine's language. */
const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

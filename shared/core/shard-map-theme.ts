import type { LagLevel } from './shard-map.ts';

export type MapTheme = 'light' | 'dark';

/** A level's fill, and the ink that is legible on it and around it. */
interface LevelColours {
  readonly fill: string;
  readonly ink: string;
}

/** The colours of a map. The background is the dashboard's own. */
export interface MapColours {
  readonly background: string;
  readonly text: string;
  readonly quiet: string;
  readonly line: string;
  readonly blank: string;
  readonly levels: readonly [LevelColours, LevelColours, LevelColours, LevelColours, LevelColours];
}

/** Blue to red over yellow: told apart with every common kind of colour blindness, and darker the later. */
const COLOURS: Readonly<Record<MapTheme, MapColours>> = {
  light: {
    background: '#ffffff',
    text: '#16191f',
    quiet: '#5f6b7a',
    line: '#aab7b8',
    blank: '#f2f3f3',
    levels: [
      { fill: '#b8dcf5', ink: '#6fa5cc' },
      { fill: '#f5e08a', ink: '#7a6100' },
      { fill: '#f7b267', ink: '#8f4b00' },
      { fill: '#ee7a5f', ink: '#8c2a10' },
      { fill: '#c2253f', ink: '#8a0f26' },
    ],
  },
  dark: {
    background: '#0f1b2a',
    text: '#e9ebed',
    quiet: '#a4adba',
    line: '#5f6b7a',
    blank: '#1d2a3a',
    levels: [
      { fill: '#1c5b8a', ink: '#3d7aa8' },
      { fill: '#776512', ink: '#f0d65c' },
      { fill: '#94560d', ink: '#ffb65c' },
      { fill: '#a63f22', ink: '#ff9479' },
      { fill: '#c2253f', ink: '#ff8095' },
    ],
  },
};

export const coloursOf = (theme: MapTheme): MapColours => COLOURS[theme];

/** The words of the levels, in their order. */
export const LEVEL_WORDS: Readonly<Record<LagLevel, string>> = {
  0: 'under 1 m',
  1: '1 m to 10 m',
  2: '10 m to 1 h',
  3: '1 h to 6 h',
  4: '6 h or more',
};

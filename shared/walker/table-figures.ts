import type { Report, ShardFigures } from '../core/walk-event.ts';

/** Reports the walks of many tables as one: the figures of their shards added up, all else with the table's name. */
export interface TableFigures {
  /** The report of one table's walks. */
  readonly of: (key: string, table: string, activeWorkers: () => number) => Report;
  /** Leaves a table's shards out of the figures from now on. */
  readonly forget: (key: string) => void;
}

/** No tables yet, in front of a report. */
export function tableFigures(report: Report): TableFigures {
  const figures = new Map<string, ShardFigures>();
  return {
    of: (key, table, activeWorkers) => (event) => {
      switch (event.kind) {
        // A table's walk is a part of one walk, which alone counts.
        case 'walk-started':
        case 'walk-ended':
          return;
        case 'shards-seen': {
          figures.set(key, event);
          report({ kind: 'shards-seen', activeWorkers: activeWorkers(), ...total([...figures.values()]) });
          return;
        }
        default:
          report({ ...event, table });
      }
    },
    forget: (key) => void figures.delete(key),
  };
}

function total(figures: readonly ShardFigures[]): ShardFigures {
  const sum = (count: (one: ShardFigures) => number): number => figures.reduce((all, one) => all + count(one), 0);
  return {
    openShards: sum(({ openShards }) => openShards),
    waitingShards: sum(({ waitingShards }) => waitingShards),
    finishedShards: sum(({ finishedShards }) => finishedShards),
    haltedShards: sum(({ haltedShards }) => haltedShards),
    lagMs: Math.max(...figures.map(({ lagMs }) => lagMs)),
  };
}

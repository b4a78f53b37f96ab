import type { State } from './core/ports.ts';
import { escaped } from './core/shard-map-marks.ts';
import { shardMapSvg } from './core/shard-map-svg.ts';
import type { MapTheme } from './core/shard-map-theme.ts';
import { currentShardMap } from './current-shard-map.ts';

/** What CloudWatch's dashboard sends to a custom widget's function: the widget's parameters, and how it is shown. */
export interface WidgetEvent {
  /** Asks for the widget's documentation instead of the widget. */
  readonly describe?: boolean;
  readonly subscription?: unknown;
  readonly widgetContext?: { readonly theme?: string; readonly width?: number };
}

/** What the widget tells of itself where a dashboard is edited. */
export const WIDGET_DOCUMENTATION = `## Shard map
Draws the shards of a walked subscription of Millrace as their lineage: what is read, what waits, and how far behind.

### Widget parameters
Param | Description
---|---
**subscription** | The subscription's name: its id in the pipeline.

### Example parameters
\`\`\` yaml
subscription: orders
\`\`\`
`;

/** Without a width of the dashboard's own; a widget half a dashboard wide has about as much. */
const USUAL_WIDTH = 600;
/** What a widget leaves at its sides. */
const FRAME_WIDTH = 24;

/**
 * Answers a dashboard: the widget's documentation as Markdown, or the map of a subscription's shards as HTML, which
 * holds no script. What cannot be drawn is said in the widget.
 */
export async function shardMapWidget(
  event: WidgetEvent,
  state: Pick<State, 'control' | 'leases'>,
  nowMs: number,
): Promise<string> {
  if (event.describe === true) return WIDGET_DOCUMENTATION;
  const { subscription, widgetContext } = event;
  if (typeof subscription !== 'string' || subscription === '') {
    return sentence(`The parameter subscription must be a subscription's name, got ${JSON.stringify(subscription)}.`);
  }
  const map = await currentShardMap(subscription, state, nowMs);
  if (map === null) return sentence(`No walk of the subscription ${subscription} has found a stream yet.`);
  const theme: MapTheme = widgetContext?.theme === 'dark' ? 'dark' : 'light';
  return shardMapSvg(map, { theme, width: (widgetContext?.width ?? USUAL_WIDTH) - FRAME_WIDTH });
}

const sentence = (text: string): string => `<p>${escaped(text)}</p>`;

import { escaped, textAt } from '../shared/core/shard-map-marks.ts';
import { simulatedRandom } from '../shared/testing/simulated-random.ts';

/** A widget of a CloudWatch dashboard's body. */
export interface DashboardWidget {
  readonly type: 'text' | 'metric' | 'alarm' | 'custom';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title?: string;
    readonly markdown?: string;
    readonly metrics?: readonly (readonly unknown[])[];
    readonly alarms?: readonly string[];
    readonly params?: { readonly subscription: string };
  };
}

const COLUMN = 60;
const UNIT = 46;
const GAP = 8;
const INK = '#16191f';
const QUIET = '#5f6b7a';
const LINES = ['#1f77b4', '#ff7f0e', '#2ca02c', '#d62728', '#9467bd', '#8c564b'];

/** Draws a dashboard as CloudWatch would, with metrics that are made up. `custom` draws what a function would. */
export function dashboardPicture(
  widgets: readonly DashboardWidget[],
  custom: (subscription: string, width: number) => string,
): string {
  const height = Math.max(...widgets.map((widget) => widget.y + widget.height)) * UNIT + GAP;
  const drawn = widgets.map((widget) => {
    const box = {
      x: widget.x * COLUMN + GAP / 2,
      y: widget.y * UNIT + GAP / 2,
      width: widget.width * COLUMN - GAP,
      height: widget.height * UNIT - GAP,
    };
    return `<g transform="translate(${box.x} ${box.y})">${contentOf(widget, box.width, box.height, custom)}</g>`;
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${24 * COLUMN}" height="${height}" viewBox="0 0 ${24 * COLUMN} ${height}" ` +
    `font-family="Helvetica, Arial, sans-serif"><rect width="100%" height="100%" fill="#f2f3f3"/>${drawn.join('')}</svg>\n`
  );
}

function contentOf(
  { type, properties }: DashboardWidget,
  width: number,
  height: number,
  custom: (subscription: string, width: number) => string,
): string {
  const { title = '', markdown = '', metrics = [], alarms = [] } = properties;
  const isHeading = type === 'text' && markdown.startsWith('###');
  const frame = isHeading ? '' : `<rect width="${width}" height="${height}" rx="4" fill="#ffffff" stroke="#d5dbdb"/>`;
  switch (type) {
    case 'text':
      return frame + (isHeading ? headingLines(markdown) : markdownLines(markdown));
    case 'metric':
      return frame + textAt(10, 18, title, INK, { size: 12.5, bold: true }) + graph(title, metrics, width, height);
    case 'alarm':
      return (
        frame +
        textAt(10, 18, `${title}: ${alarms.length} in OK`, INK, { size: 12.5, bold: true }) +
        tiles(alarms, width)
      );
    case 'custom': {
      const picture = custom(properties.params?.subscription ?? '', width - 24);
      return `${frame}${textAt(10, 18, title, INK, { size: 12.5, bold: true })}<g transform="translate(6 24)">${picture}</g>`;
    }
  }
}

/** A heading, and the lines under it. */
function headingLines(markdown: string): string {
  const [title = '', ...lines] = markdown.split('\n').map(plain);
  const drawn = lines.map((line, index) => textAt(4, 52 + index * 18, line, INK, { size: 12 }));
  return textAt(4, 28, title, INK, { size: 17, bold: true }) + drawn.join('');
}

/** Headings, sentences and a table of Markdown: all that the dashboard's text has. */
function markdownLines(markdown: string): string {
  let y = 8;
  return markdown
    .split('\n')
    .filter((line) => !/^[-|]+$/.test(line))
    .map((line) => {
      y += line.startsWith('## ') ? 24 : line === '' ? 8 : 23;
      if (line.startsWith('## ')) return textAt(14, y, plain(line), INK, { size: 19, bold: true });
      const cells = line.split(' | ');
      if (cells.length === 1) return textAt(14, y, plain(line), INK, { size: 13 });
      const isHeader = cells[0] === 'heading';
      return [14, 190, 900]
        .map((x, column) =>
          textAt(x, y, plain(cells[column] ?? ''), isHeader ? QUIET : INK, { size: 13, bold: column === 0 }),
        )
        .join('');
    })
    .join('');
}

const plain = (markdown: string): string =>
  markdown
    .replace(/^#+ /, '')
    .replaceAll('**', '')
    .replace(/\[(.*?)\]\(.*?\)/g, '$1');

/** What a graph's axis says at its top: of numbers that are made up, but of the size that each has. */
const TOPS: Readonly<Record<string, readonly [top: string, half: string]>> = {
  Lag: ['120k', '60k'],
  'Hours until loss': ['24', '12'],
  Records: ['4k', '2k'],
  Failures: ['40', '20'],
  'Parked and gaps': ['2', '1'],
  Handler: ['40', '20'],
  Walks: ['4', '2'],
  'Walk duration': ['900k', '450k'],
  'Active workers': ['2', '1'],
  Shards: ['16', '8'],
  'Cost: reads': ['800', '400'],
  'Cost: state writes': ['80', '40'],
};

/** A line for each metric that is drawn, over twelve hours. */
function graph(title: string, metrics: readonly (readonly unknown[])[], width: number, height: number): string {
  const labels = metrics.map(optionsOf).filter(({ visible }) => visible !== false);
  const columns = labels.some(({ label = '' }) => label.length > 19) ? 1 : 2;
  const rows = Math.ceil(labels.length / columns);
  const [left, top, right, bottom] = [36, 30, width - 10, height - 18 - 13 * rows];
  const middle = (top + bottom) / 2;
  const grid = `<path d="M${left} ${bottom}H${right}M${left} ${middle}H${right}M${left} ${top}H${right}" stroke="#e4e8e8"/>`;
  const axis = [...(TOPS[title] ?? []), '0'].map((value, index) =>
    textAt(left - 5, [top, middle, bottom][index]! + 3, value, QUIET, { size: 9, anchor: 'end' }),
  );
  const lines = labels.map(({ label = '' }, index) => {
    const points = seriesOf(title, label).map(
      (value, at, all) =>
        `${(left + ((right - left) * at) / (all.length - 1)).toFixed(1)} ${(bottom - (bottom - top) * value).toFixed(1)}`,
    );
    const colour = LINES[index % LINES.length];
    const x = 10 + (index % columns) * (width / 2 - 8);
    const y = height - 8 - 13 * (rows - 1 - Math.floor(index / columns));
    return (
      `<path d="M${points.join('L')}" fill="none" stroke="${colour}" stroke-width="1.5"/>` +
      `<rect x="${x}" y="${y - 7}" width="8" height="8" fill="${colour}"/>${textAt(x + 12, y, label, QUIET, { size: 9.5 })}`
    );
  });
  return grid + axis.join('') + lines.join('');
}

interface MetricOptions {
  readonly label?: string;
  readonly visible?: boolean;
}

const optionsOf = (metric: readonly unknown[]): MetricOptions =>
  metric.find((part): part is MetricOptions => typeof part === 'object' && part !== null) ?? {};

/** Made up, but of the kind that each metric is: from 0 to 1 of the graph's height. */
function seriesOf(title: string, label: string): readonly number[] {
  const random = simulatedRandom(
    [...title, ...label].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 2 ** 31,
  );
  const noise = (most: number): number => random.next() * most;
  return Array.from({ length: 72 }, (_, at) => {
    const day = 0.5 + 0.3 * Math.sin((at / 72) * Math.PI * 1.4 + 0.4);
    const trouble = Math.exp(-(((at - 46) / 3.5) ** 2));
    if (/given up|refused|parked|waiting|gaps|halted|throttles/.test(label)) return 0.01;
    if (/unread/.test(label)) return 0.06 + noise(0.05) + trouble * 0.55;
    if (/^hours/.test(label)) return 0.985 - trouble * 0.03;
    if (/failed|errors/.test(label)) return trouble * 0.7 * random.next() + 0.01;
    if (/filtered/.test(label)) return day * 0.2 + noise(0.05);
    if (title === 'Active workers') return 0.5;
    if (/readable/.test(label)) return 0.5 + (at > 30 && at < 52 ? 0.125 : 0);
    if (/^orders-abroad$/.test(label)) return 0.5 + noise(0.08) + trouble * 0.2;
    return Math.min(0.97, day * 0.8 + noise(0.12) + trouble * 0.1);
  });
}

/** Six alarms a row, as the widget shows them. */
function tiles(alarms: readonly string[], width: number): string {
  const each = (width - 14) / 6;
  return alarms
    .map((alarm, index) => {
      const [x, y] = [10 + (index % 6) * each, 28 + Math.floor(index / 6) * UNIT];
      const tile = `<rect x="${x.toFixed(1)}" y="${y}" width="${(each - 6).toFixed(1)}" height="${UNIT - 8}" rx="3" fill="#d1f1df" stroke="#1d8102"/>`;
      return (
        tile + textAt(x + 8, y + 16, alarm, INK, { size: 10.5 }) + textAt(x + 8, y + 31, 'OK', '#14620a', { size: 11 })
      );
    })
    .join('');
}

/** A text that is never drawn, but told to those who cannot see: what a picture is of. */
export const titled = (svg: string, title: string): string => svg.replace('>', ` aria-label="${escaped(title)}">`);

import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { coloursOf, onThemeChange } from '../shared/theme.js';
import { dayAndTime, NOTHING } from './format.js';
import { PlainTable } from './plain-table.js';

export interface Line {
  readonly label: string;
  /** Name of a colour in the styles. */
  readonly colour: string;
  /** Lengths of strokes and gaps: lines are told apart without colours too. */
  readonly dash?: readonly number[];
  readonly values: readonly (number | null)[];
}

export interface ChartProps {
  readonly title: string;
  /** What a point is, in words. */
  readonly about: string;
  readonly startsMs: readonly number[];
  readonly lines: readonly Line[];
  readonly target?: { readonly label: string; readonly value: number };
  readonly format: (value: number | null) => string;
  /** Of the axis; default: what the values need. */
  readonly max?: number;
}

const HEIGHT_PX = 190;
const TARGET_DASH = [3, 5];

/** Lines over time, or the same as a table. */
export function Chart(props: ChartProps) {
  const { title, about, lines } = props;
  const [isTable, setIsTable] = useState(false);
  const isEmpty = lines.every(({ values }) => values.every((value) => value === null));
  return (
    <figure class="card chart" data-chart={title}>
      <figcaption>
        <div>
          <h3>{title}</h3>
          <p class="note">{about}</p>
        </div>
        <button type="button" class="plain" aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>
          Table<span class="unseen"> of {title}</span>
        </button>
      </figcaption>
      {isEmpty ? (
        <p class="empty">Nothing was measured in this time. Each minute with reads is one point.</p>
      ) : isTable ? (
        <ChartTable {...props} />
      ) : (
        <Plot key={lines.map(({ label }) => label).join()} {...props} />
      )}
    </figure>
  );
}

function Plot(props: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [theme, setTheme] = useState(0);
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const made = new uPlot(optionsOf(latest.current, element), dataOf(latest.current), element);
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      made.destroy();
    };
  }, [theme]);

  useEffect(() => plot.current?.setData(dataOf(props)), [props]);

  useEffect(() => {
    return onThemeChange(() => setTheme((times) => times + 1));
  }, []);

  return <div ref={place} class="plot" role="img" aria-label={inWords(props)} />;
}

function optionsOf({ lines, target, format, max }: ChartProps, element: HTMLElement): uPlot.Options {
  const colours: Readonly<Record<string, string>> = coloursOf([
    'quiet',
    'line',
    ...lines.map(({ colour }) => colour),
  ]);
  const colour = (name: string) => colours[name] ?? '';
  const axis = {
    stroke: colour('quiet'),
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
  };
  const largest = (found: number | null) => max ?? 1.1 * Math.max(found ?? 0, target?.value ?? 0, 1e-9);
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    scales: { y: { range: (_plot, _least, most) => [0, largest(most)] } },
    axes: [
      {
        ...axis,
        size: 30,
        values: (_plot, splits, _axis, _space, incrementS) => splits.map((at) => instantOf(at, incrementS)),
      },
      { ...axis, size: 64, values: (_plot, splits) => splits.map((value) => format(value)) },
    ],
    legend: {
      markers: {
        width: 3,
        dash: (_plot, at) => strokeOf(at > lines.length ? TARGET_DASH : lines[at - 1]?.dash),
      },
    },
    hooks: { setCursor: [showLatest], setData: [showLatest] },
    cursor: { sync: { key: 'history' }, drag: { x: false, y: false } },
    series: [
      {
        value: (_plot, value: number | null) => (value === null ? NOTHING : dayAndTime(1000 * value)),
        label: 'At',
      },
      ...lines.map(({ label, colour: name, dash }) => ({
        label,
        stroke: colour(name),
        width: 2,
        ...(dash && { dash: [...dash] }),
        value: (_plot: uPlot, value: number | null) => format(value),
      })),
      ...(target
        ? [
            {
              label: target.label,
              stroke: colour('quiet'),
              width: 1,
              dash: [...TARGET_DASH],
              points: { show: false },
              value: () => format(target.value),
            },
          ]
        : []),
    ],
  };
}

/** Where nothing is pointed at, the legend has the latest figures. */
function showLatest(plot: uPlot): void {
  if (typeof plot.cursor.idx === 'number') return;
  const isKnown = (at: number) => plot.data.slice(1, -1).some((values) => typeof values?.[at] === 'number');
  let at = plot.data[0].length - 1;
  while (at > 0 && !isKnown(at)) at--;
  plot.setLegend({ idx: at }, false);
}

/** The stroke of a line, as near as a border can be to it. */
function strokeOf(dash: readonly number[] | undefined): string {
  if (!dash) return 'solid';
  return (dash[0] ?? 0) < 4 ? 'dotted' : 'dashed';
}

const hour = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

function instantOf(atS: number, incrementS: number): string {
  return (incrementS < 86_400 ? hour : day).format(1000 * atS);
}

function dataOf({ startsMs, lines, target }: ChartProps): uPlot.AlignedData {
  const x = startsMs.map((ms) => ms / 1000);
  const given = lines.map(({ values }) => [...values]);
  return target ? [x, ...given, x.map(() => target.value)] : [x, ...given];
}

function inWords({ title, lines, target, format }: ChartProps): string {
  const told = lines.map(({ label, values }) => {
    const known = values.filter((value) => value !== null);
    const last = known.at(-1);
    if (last === undefined) return `${label}: nothing measured`;
    return `${label}: last ${format(last)}, between ${format(Math.min(...known))} and ${format(Math.max(...known))}`;
  });
  const wanted = target ? [`${target.label}: ${format(target.value)}`] : [];
  return `${title}. ${[...told, ...wanted].join('. ')}. The button Table shows every point.`;
}

function ChartTable({ title, startsMs, lines, format }: ChartProps) {
  const rows = startsMs.map((startMs, at) => ({
    startMs,
    values: lines.map(({ values }) => values[at] ?? null),
  }));
  const told = rows.filter(({ values }) => values.some((value) => value !== null)).reverse();
  return (
    <PlainTable label={`Table of ${title}`} heads={['From', ...lines.map(({ label }) => label)]}>
      {told.map(({ startMs, values }) => (
        <tr key={startMs}>
          <th scope="row">{dayAndTime(startMs)}</th>
          {values.map((value, at) => (
            <td key={lines[at]?.label} class="number">
              {format(value)}
            </td>
          ))}
        </tr>
      ))}
    </PlainTable>
  );
}

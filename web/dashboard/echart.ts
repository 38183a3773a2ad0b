import { BarChart, LineChart, PieChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { coloursOf } from '../shared/theme.js';
import { formatLabel, formatValue, titleOf } from './format-value.js';
import type { ChartData, ValueStyle } from './model.js';

use([
  BarChart,
  LineChart,
  PieChart,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  AriaComponent,
  CanvasRenderer,
]);

export interface Drawn {
  draw(data: ChartData, styles: Readonly<Record<string, ValueStyle>>): void;
  /** As a picture, for a file. */
  picture(): string;
  end(): void;
}

/** Draws charts into an element, in the colours of the page. */
export function chartIn(element: HTMLElement): Drawn {
  const chart = init(element, null, { renderer: 'canvas' });
  const watch = new ResizeObserver(() => chart.resize());
  watch.observe(element);
  return {
    draw: (data, styles) => chart.setOption(optionOf(data, styles, colours()), true),
    picture: () => chart.getDataURL({ pixelRatio: 2, backgroundColor: colours().card }),
    end() {
      watch.disconnect();
      chart.dispose();
    },
  };
}

function colours() {
  const { quiet, line, card, ...series } = coloursOf([
    ...(['quiet', 'line', 'card'] as const),
    ...(['first', 'second', 'third', 'fourth'] as const),
  ]);
  return { text: quiet, line, card, series: Object.values(series) };
}

function optionOf(
  { type, labels, series }: ChartData,
  styles: Readonly<Record<string, ValueStyle>>,
  { text, line, series: palette, card }: ReturnType<typeof colours>,
) {
  const names = labels.map(formatLabel);
  const titles = series.map(({ name }) => titleOf(name, styles[name]));
  const valueFormatter = (value: unknown, index?: number) =>
    formatValue(value as number, styles[series[index ?? 0]?.name ?? '']);
  const base = {
    color: palette,
    animation: false,
    textStyle: { fontFamily: 'inherit' },
    aria: { enabled: true, decal: { show: series.length > 1 || type === 'pie' } },
    tooltip: {
      trigger: type === 'pie' ? 'item' : 'axis',
      confine: true,
      backgroundColor: card,
      borderColor: line,
      textStyle: { color: text },
    },
  };
  if (type === 'pie')
    return {
      ...base,
      series: [
        {
          type: 'pie',
          radius: ['40%', '72%'],
          label: { color: text },
          data: names.map((name, i) => ({ name, value: Number(series[0]?.values[i] ?? 0) })),
        },
      ],
    };
  return {
    ...base,
    legend: { show: series.length > 1, bottom: 0, textStyle: { color: text }, data: titles },
    grid: { left: 8, right: 12, top: 16, bottom: series.length > 1 ? 32 : 8, containLabel: true },
    xAxis: {
      type: 'category',
      data: names,
      axisLabel: { color: text, hideOverlap: true },
      axisLine: { lineStyle: { color: line } },
    },
    yAxis: { type: 'value', axisLabel: { color: text }, splitLine: { lineStyle: { color: line } } },
    series: series.map(({ values }, i) => ({
      name: titles[i],
      type: type === 'bar' ? 'bar' : 'line',
      data: values.map((value) => (value === null ? null : Number(value))),
      ...(type === 'bar'
        ? { stack: 'all' }
        : { symbol: values.length > 40 ? 'none' : 'circle', symbolSize: 5 }),
      ...(type === 'area' && { areaStyle: { opacity: 0.25 }, stack: 'all' }),
      tooltip: { valueFormatter: (value: unknown) => valueFormatter(value, i) },
    })),
  };
}

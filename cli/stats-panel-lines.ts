import type { EnabledStatisticsBody } from '../services/statistics/report-schema.js';
import { readableCount, readablePercent } from './readable-figures.js';
import { type Column, tableLines } from './table-lines.js';
import type { Terminal } from './terminal.js';

const SHOWN_COUNT = 10;

type PanelStatistics = EnabledStatisticsBody['panels'][number];

const COLUMNS: readonly Column[] = [
  { title: 'dashboard' },
  { title: 'panel' },
  { title: 'hit rate', align: 'right' },
  { title: 'reads', align: 'right' },
  { title: 'hits', align: 'right' },
  { title: 'misses', align: 'right' },
  { title: 'bypasses', align: 'right' },
  { title: 'errors', align: 'right' },
];

/** A table of the panels that were read, the worst hit rate first. */
export function statsPanelLines(
  panels: readonly PanelStatistics[],
  { all, colors }: { readonly all: boolean; readonly colors: Terminal['colors'] },
): string[] {
  const sorted = panels.toSorted(worstFirst);
  const shown = all ? sorted : sorted.slice(0, SHOWN_COUNT);
  const rest = sorted.length - shown.length;
  const heading =
    rest > 0
      ? `The ${shown.length} of ${sorted.length} panels with the worst hit rate (--panels shows all)`
      : 'Panels, the worst hit rate first';
  const [titles = '', ...rows] = tableLines(COLUMNS, shown.map(cells));
  return [colors.bold(heading), colors.dim(titles), ...rows];
}

/** At one rate the panel with more misses is the worse; whose rate says nothing, because nobody asked its cache, is last. */
function worstFirst(a: PanelStatistics, b: PanelStatistics): number {
  return (
    Number(hasRate(b)) - Number(hasRate(a)) ||
    a.hit_rate - b.hit_rate ||
    b.misses - a.misses ||
    b.total_requests - a.total_requests
  );
}

function hasRate({ hits, misses }: PanelStatistics): boolean {
  return hits + misses > 0;
}

function cells(panel: PanelStatistics): string[] {
  const { total_requests, hits, misses, bypasses, errors } = panel;
  const counts = [total_requests, hits, misses, bypasses, errors].map(readableCount);
  return [panel.dashboard, panel.panel, hasRate(panel) ? readablePercent(panel.hit_rate) : '–', ...counts];
}

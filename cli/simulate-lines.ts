import { formatDuration } from '../services/definitions/duration.js';
import type { Proposal } from '../services/simulate/propose.js';
import type { Simulated, SimulatedPanel } from '../services/simulate/simulate.js';
import { counted, readableBytes, readableCount, readablePercent } from './readable-figures.js';
import type { SimulationReport } from './simulate.js';
import { type Column, tableLines } from './table-lines.js';
import type { Terminal } from './terminal.js';

const SHOWN_COUNT = 10;

const PANEL_COLUMNS: readonly Column[] = [
  { title: 'panel' },
  { title: 'reads', align: 'right' },
  { title: 'keys', align: 'right' },
  { title: 'hit rate', align: 'right' },
  { title: 'queries', align: 'right' },
  { title: 'ttl', align: 'right' },
];

/** What a simulation found, for people. */
export function simulateLines(
  { from, to, skipped_lines, declared, tried, proposals }: SimulationReport,
  colors: Terminal['colors'],
): string[] {
  const skipped = Object.entries(skipped_lines).map(([why, count]) => `${readableCount(count)} ${why}`);
  const unknown =
    declared.unknown_addresses > 0 ? [`${readableCount(declared.unknown_addresses)} of no panel`] : [];
  const left = [...skipped, ...unknown];
  return [
    `${counted(declared.reads, 'read')} of panels in ${readableCount(declared.minutes)} min, ${from} to ${to}` +
      (left.length > 0 ? `; left out: ${left.join(', ')}` : ''),
    '',
    ...figureLines(declared, tried, colors),
    '',
    ...panelLines(declared.panels, colors),
    ...(proposals ? ['', ...proposalLines(proposals, colors)] : []),
  ];
}

function figureLines(declared: Simulated, tried: Simulated | null, colors: Terminal['colors']): string[] {
  const columns: Column[] = [{ title: '' }, { title: 'as declared', align: 'right' }];
  if (tried) columns.push({ title: 'as tried', align: 'right' });
  const row = (title: string, of: (simulated: Simulated) => string): string[] => [
    title,
    of(declared),
    ...(tried ? [of(tried)] : []),
  ];
  const [titles = '', ...rows] = tableLines(columns, [
    row('hit rate', ({ hit_rate }) => readablePercent(hit_rate)),
    row('source queries a minute', ({ queries_per_minute }) => String(queries_per_minute)),
    row('in the busiest minute', ({ busiest_minute_queries }) => readableCount(busiest_minute_queries)),
    row('without a cache', ({ queries_per_minute_without_cache: queries }) => String(queries)),
    row('entries take', ({ max_bytes }) => readableBytes(max_bytes)),
  ]);
  return [colors.dim(titles), ...rows];
}

/** Those that cost most first. */
function panelLines(panels: readonly SimulatedPanel[], colors: Terminal['colors']): string[] {
  const read = panels.filter(({ reads }) => reads > 0).sort((a, b) => b.queries - a.queries);
  const shown = read.slice(0, SHOWN_COUNT);
  const heading =
    read.length > shown.length
      ? `The ${shown.length} of ${read.length} panels that cost most queries (--json has all)`
      : 'Panels, those that cost most queries first';
  const [titles = '', ...rows] = tableLines(
    PANEL_COLUMNS,
    shown.map(({ dashboard, panel, reads, keys, hit_rate, queries, ttl_ms }) => [
      `${dashboard}/${panel}`,
      ...[reads, keys].map(readableCount),
      readablePercent(hit_rate),
      readableCount(queries),
      formatDuration(ttl_ms),
    ]),
  );
  return [colors.bold(heading), colors.dim(titles), ...rows];
}

function proposalLines(proposals: readonly Proposal[], colors: Terminal['colors']): string[] {
  if (proposals.length === 0) return ['No other ttl is worth trying.'];
  return [
    colors.bold('Worth trying, what saves most queries first'),
    ...proposals.map((proposal) => {
      const { dashboard, panel, ttl_ms, proposed_ttl_ms: ttlMs, reason } = proposal;
      const name = `${dashboard}/${panel}`;
      if (ttlMs === null) return `  ${name}: ${reason}`;
      const [rates, queries] = [
        [proposal.hit_rate, proposal.proposed_hit_rate].map(readablePercent).join(' -> '),
        [proposal.queries, proposal.proposed_queries].map(readableCount).join(' -> '),
      ];
      const ttls = `ttl ${formatDuration(ttl_ms)} -> ${formatDuration(ttlMs)}`;
      return `  ${name}: ${ttls} (hit rate ${rates}, queries ${queries}); ${reason}`;
    }),
  ];
}

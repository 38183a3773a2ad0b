import type { EnabledStatisticsBody, PanelFigures, ProcessFigures } from './answers.js';
import { bytes, count, length, milliseconds, percent, share } from './format.js';
import { PlainTable } from './plain-table.js';
import { type Column, SortableTable } from './sortable-table.js';

const PANEL_COLUMNS: readonly Column<PanelFigures>[] = [
  {
    title: 'Panel',
    value: ({ dashboard, panel }) => `${dashboard}/${panel}`,
    show: ({ dashboard, panel, title }) => (
      <>
        {title ?? panel}
        <span class="under">{breakable(`${dashboard}/${panel}`)}</span>
      </>
    ),
  },
  { title: 'Reads', value: (row) => row.total_requests, show: (row) => count(row.total_requests) },
  { title: 'Hit rate', value: (row) => rateOf(row) ?? -1, show: (row) => percent(rateOf(row)) },
  { title: 'Stale', value: (row) => row.stale_hits, show: (row) => count(row.stale_hits) },
  { title: 'Misses', value: (row) => row.misses, show: (row) => count(row.misses) },
  { title: 'Bypasses', value: (row) => row.bypasses, show: (row) => count(row.bypasses) },
  { title: 'Errors', value: (row) => row.errors, show: (row) => count(row.errors) },
  { title: 'Recommendation', value: (row) => row.recommendation },
];

/** A narrow column breaks it where its parts end. */
function breakable(path: string) {
  return path.split('/').map((part, at) => (
    <>
      {at > 0 && (
        <>
          /<wbr />
        </>
      )}
      {part}
    </>
  ));
}

/** Null where nothing was read that could have hit. */
export function rateOf({ hits, misses, hit_rate }: { hits: number; misses: number; hit_rate: number }) {
  return hits + misses === 0 ? null : hit_rate;
}

export function PanelsTable({ panels }: { panels: readonly PanelFigures[] }) {
  return (
    <SortableTable
      label="Figures of each panel"
      columns={PANEL_COLUMNS}
      rows={panels}
      keyOf={({ dashboard, panel }) => `${dashboard}/${panel}`}
    />
  );
}

const PROCESS_COLUMNS: readonly Column<ProcessFigures>[] = [
  {
    title: 'Process',
    value: ({ pid }) => `${pid}`,
    show: ({ pid, id }) => (
      <>
        {pid}
        <span class="under">{id}</span>
      </>
    ),
  },
  {
    title: 'Runs for',
    value: ({ started_at }) => Date.now() - Date.parse(started_at),
    show: ({ started_at }) => length(Date.now() - Date.parse(started_at)),
  },
  { title: 'Reads', value: (row) => row.total_requests, show: (row) => count(row.total_requests) },
  { title: 'Hit rate', value: (row) => rateOf(row) ?? -1, show: (row) => percent(rateOf(row)) },
  { title: 'Stale', value: (row) => row.stale_hits, show: (row) => count(row.stale_hits) },
  { title: 'Errors', value: (row) => row.errors, show: (row) => count(row.errors) },
  { title: 'Source queries', value: (row) => row.source_queries, show: (row) => count(row.source_queries) },
  { title: 'Entries', value: (row) => row.memory_entries, show: (row) => count(row.memory_entries) },
  { title: 'In memory', value: (row) => row.memory_bytes, show: (row) => bytes(row.memory_bytes) },
  { title: 'Told', value: ({ age_ms }) => age_ms, show: ({ age_ms }) => `${length(age_ms)} ago` },
];

export function ProcessesTable({ processes }: { processes: readonly ProcessFigures[] }) {
  return (
    <SortableTable
      label="Figures of each process"
      columns={PROCESS_COLUMNS}
      rows={processes}
      keyOf={({ id }) => id}
    />
  );
}

const LAYERS = [
  ['dashboard', 'Whole dashboards', 'each until its last panel was there'],
  ['l1', 'From memory', 'layer 1'],
  ['l2', 'From Redis', 'layer 2'],
  ['source', 'Waited for a load', 'misses and bypasses'],
  ['load', 'Queries of the sources', 'by themselves'],
] as const;

/** Latency by the layer that answered. */
export function LatencyTable({ latency }: { latency: EnabledStatisticsBody['latency'] }) {
  return (
    <PlainTable label="Latency by layer" heads={['Answered', 'Reads', 'Mean', 'p50', 'p95', 'p99']}>
      {LAYERS.map(([name, title, what]) => (
        <tr key={name} data-layer={name}>
          <th scope="row">
            {title}
            <span class="under">{what}</span>
          </th>
          <td class="number">{count(latency[name].count)}</td>
          <td class="number">{milliseconds(latency[name].mean_ms)}</td>
          <td class="number">{milliseconds(latency[name].p50_ms)}</td>
          <td class="number strong">{milliseconds(latency[name].p95_ms)}</td>
          <td class="number">{milliseconds(latency[name].p99_ms)}</td>
        </tr>
      ))}
    </PlainTable>
  );
}

/** Sources with their budgets, and whether each is asked now. */
export function SourcesTable({
  sources,
  degraded,
}: {
  sources: EnabledStatisticsBody['sources'];
  degraded: readonly string[];
}) {
  if (sources.length === 0)
    return <p class="empty">No source was asked yet. The first read of a panel asks its source.</p>;
  return (
    <PlainTable
      label="Sources and their budgets"
      heads={[
        'Source',
        'State',
        'Last minute',
        'Budget',
        'Queries',
        'Failures',
        'Refusals',
        'Waits for the budget',
      ]}
    >
      {sources.map((source) => (
        <tr key={source.name} data-source={source.name}>
          <th scope="row">{source.name}</th>
          <td>{stateOf(source.name, degraded)}</td>
          <td class="number strong">{count(source.queries_per_minute)}</td>
          <td class="number">
            {source.budget_per_minute === null
              ? 'none'
              : `${count(source.budget_per_minute)} (${percent(share(source.queries_per_minute, source.budget_per_minute))})`}
          </td>
          <td class="number">{count(source.queries)}</td>
          <td class="number">{count(source.failures)}</td>
          <td class="number">{count(source.refusals)}</td>
          <td class="number">{count(source.budget_waits)}</td>
        </tr>
      ))}
    </PlainTable>
  );
}

function stateOf(source: string, degraded: readonly string[]) {
  if (degraded.includes(`source:${source}`)) return <span class="bad">✕ does not answer</span>;
  if (degraded.includes(`feed:${source}`)) return <span class="bad">✕ its change feed is silent</span>;
  return <span class="good">✓ answers</span>;
}

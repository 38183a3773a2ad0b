import { formatDuration } from '../../definitions/duration.js';
import type { Panel } from '../../definitions/model.js';
import { panelTables } from '../../definitions/panel-tables.js';
import type { ExplainedEntry } from '../../explain/entries-schema.js';
import { type Check, check } from '../check.js';
import type { TableSeen } from '../source/source-seen.js';
import { nameOf, panelsOf, unseenQueries } from './query-checks.js';

/** Content that outlived so many ttls is asked for too often. */
const SAME_FOR_TTLS = 20;
/** So many changes within one ttl are shown late. */
const CHANGES_PER_TTL = 100;
const COUNTED_MIN_SECONDS = 3600;
const WHOLE_SECONDS = 1000;

/** Times to live, held against how often the data really changes. */
export const ttlChecks: readonly Check[] = [
  check({
    id: 'ttl-short',
    group: 'definitions',
    severity: 'note',
    what: 'A panel is not loaded many times for the same content',
    fix: 'lengthen its ttl to the half of how long it stays the same; with a change feed changes renew it at once all the same',
    needs: ['entries'],
    run: ({ entries }) =>
      entries.flatMap((entry) => {
        const sameMs = sameForMs(entry);
        if (sameMs < SAME_FOR_TTLS * Math.max(WHOLE_SECONDS, entry.policy.ttl_ms)) return [];
        const { key, policy } = entry;
        const longer = formatDuration(Math.floor(sameMs / 2 / 60_000) * 60_000);
        return [
          {
            evidence: `${key.dashboard}/${key.panel}: its content has been the same for ${Math.floor(sameMs / 60_000)} min of loads, and its ttl is ${formatDuration(policy.ttl_ms)} (${policy.ttl_origin})`,
            fix: `set its ttl to ${longer}`,
          },
        ];
      }),
  }),
  check({
    id: 'ttl-long',
    group: 'definitions',
    severity: 'note',
    what: 'A panel without a change feed is not fresh for long after its tables have changed',
    fix: 'declare `changes` of the source, invalidate its tables after writes, or shorten its ttl',
    needs: ['definitions', 'queries', 'sources'],
    run: ({ definitions, queries, sources }) => [
      ...unseenQueries(queries),
      ...panelsOf(definitions).flatMap((panel) => {
        const source = sources.find(({ definition }) => definition.name === panel.sourceName);
        if (!source?.postgres?.known || source.feed !== null) return [];
        const { tables } = panelTables(panel, queries.checked.get(panel) ?? []);
        const busiest = busiestOf(source.postgres.value.tables.filter(({ name }) => tables.includes(name)));
        if (!busiest || busiest.everyMs * CHANGES_PER_TTL > panel.policy.ttlMs) return [];
        return [{ evidence: changesSeen(panel, busiest) }];
      }),
    ],
  }),
];

/** How long the content of an entry had been the same when it was last loaded. */
function sameForMs({ l1, l2 }: ExplainedEntry): number {
  const copies = [l1, l2].filter((copy) => copy !== null);
  return Math.max(0, ...copies.map((copy) => Date.parse(copy.stored_at) - Date.parse(copy.generated_at)));
}

interface Busy {
  readonly table: string;
  /** From one changed row to the next, in the mean. */
  readonly everyMs: number;
}

function busiestOf(tables: readonly TableSeen[]): Busy | null {
  const busy = tables
    .filter(({ changesCount, countedSeconds }) => changesCount > 0 && countedSeconds >= COUNTED_MIN_SECONDS)
    .map(({ name, changesCount, countedSeconds }) => ({
      table: name,
      everyMs: (1000 * countedSeconds) / changesCount,
    }))
    .toSorted((a, b) => a.everyMs - b.everyMs);
  return busy[0] ?? null;
}

function changesSeen(panel: Panel, { table, everyMs }: Busy): string {
  return `${nameOf(panel)}: a row of ${table} changes every ${Math.max(1, Math.round(everyMs))} ms in the mean, its ttl is ${formatDuration(panel.policy.ttlMs)} (${panel.ttlOrigin}), and nobody tells of changes`;
}

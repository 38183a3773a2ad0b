import { type Check, check, foundIf, type Seen } from '../check.js';
import type { Facts } from '../facts.js';
import { bytesInWords, countInWords, someOf } from '../words.js';
import type { PostgresSeen, SourceSeen } from './source-seen.js';

const MIN_VERSION_NUMBER = 140_000;
const FULL_SHARE = 0.8;
const RETAINED_MAX_BYTES = 1_000_000_000;
const ANALYSED_MIN_BYTES = 8_000_000;

/** What a PostgreSQL says of itself and of the role of the source. */
export const postgresChecks: readonly Check[] = [
  check({
    id: 'source-read-only',
    group: 'source',
    severity: 'warning',
    what: 'The role of a source may only read',
    fix: 'make a role with LOGIN and GRANT SELECT alone (docs/postgres-source.md), and REVOKE CREATE ON SCHEMA public FROM PUBLIC before PostgreSQL 15',
    needs: ['sources'],
    run: (facts) =>
      ofEach(facts, ({ role, isSuperuser, writable }) => [
        ...foundIf(isSuperuser, () => ({ evidence: `the role ${role} is a superuser` })),
        ...foundIf(!isSuperuser && writable.length > 0, () => ({
          evidence: `the role ${role} may change ${someOf(writable)}`,
        })),
      ]),
  }),
  check({
    id: 'source-row-security',
    group: 'source',
    severity: 'error',
    what: 'Row security that tables have holds for the role of the source',
    fix: 'ALTER ROLE ... NOBYPASSRLS, and name a role that is no superuser',
    needs: ['sources'],
    run: (facts) =>
      ofEach(facts, ({ role, isSuperuser, bypassesRowSecurity, tables }) => {
        const secured = tables.filter(({ hasRowSecurity }) => hasRowSecurity);
        return foundIf((isSuperuser || bypassesRowSecurity) && secured.length > 0, () => ({
          evidence: `the role ${role} passes the row security of ${someOf(secured.map(({ name }) => name))}`,
        }));
      }),
  }),
  check({
    id: 'source-version',
    group: 'source',
    severity: 'error',
    what: 'PostgreSQL is 14 or newer',
    fix: 'upgrade the server: what dashcache sets for each query exists since 14',
    needs: ['sources'],
    run: (facts) =>
      ofEach(facts, ({ versionNumber }) =>
        foundIf(versionNumber < MIN_VERSION_NUMBER, () => ({
          evidence: `the server is version ${Math.floor(versionNumber / 10_000)}`,
        })),
      ),
  }),
  check({
    id: 'source-statement-timeout',
    group: 'source',
    severity: 'note',
    what: 'The role of a source has a statement_timeout, for whatever else connects as it',
    fix: "ALTER ROLE ... SET statement_timeout = '60s'; what dashcache runs is ended by its deadline in any case",
    needs: ['sources'],
    run: (facts) =>
      ofEach(facts, ({ role, statementTimeoutMs }) =>
        foundIf(statementTimeoutMs === 0, () => ({
          evidence: `a session of ${role} begins with statement_timeout = 0: a forgotten query runs for ever`,
        })),
      ),
  }),
  check({
    id: 'source-connections',
    group: 'source',
    severity: 'warning',
    what: 'The server has connections left for the pools of all processes',
    fix: 'lower `pool` of the source, raise max_connections, or put PgBouncer between (docs/postgres-source.md)',
    needs: ['sources'],
    run: (facts, { statistics }) =>
      ofEach(facts, ({ maxConnectionsCount: max, usedConnectionsCount: used }, { definition }) => {
        const processesCount = statistics.known ? statistics.value.processes.length : 1;
        const poolCount = definition.type === 'postgres' ? definition.poolCount * processesCount : 0;
        return [
          ...foundIf(used > FULL_SHARE * max, () => ({
            evidence: `${used} of ${max} connections are in use`,
          })),
          ...foundIf(poolCount > FULL_SHARE * max, () => ({
            evidence: `the pools of ${countInWords(processesCount, 'process', 'processes')} may open ${poolCount} of ${max} connections`,
          })),
        ];
      }),
  }),
  check({
    id: 'source-slots',
    group: 'source',
    severity: 'warning',
    what: 'Replication slots are left for the feed, and none that nobody reads holds back WAL',
    fix: 'drop what nobody reads with pg_drop_replication_slot(name), or raise max_replication_slots and restart',
    needs: ['sources'],
    run: (facts) =>
      ofEach(facts, ({ slots, maxSlotsCount }, { definition }) => {
        const isLogical = definition.type === 'postgres' && definition.changes?.feed === 'logical';
        const idle = slots.filter(
          ({ isActive, retainedBytes }) => !isActive && (isLogical || retainedBytes > RETAINED_MAX_BYTES),
        );
        return [
          ...idle.map(({ name, retainedBytes }) => ({
            evidence: `slot ${name} is read by nobody and holds ${bytesInWords(retainedBytes)} of WAL`,
          })),
          ...foundIf(isLogical && slots.length >= maxSlotsCount, () => ({
            evidence: `all ${maxSlotsCount} replication slots are taken: a feed that has to begin anew finds none`,
          })),
        ];
      }),
  }),
  check({
    id: 'source-timezone',
    group: 'source',
    severity: 'warning',
    what: 'Timestamps without a zone are read in the zone in which the server writes them',
    fix: 'declare `timezone` of the source as the zone in which they are meant, or use timestamptz',
    needs: ['sources'],
    run: (facts) =>
      ofEach(facts, ({ timezone, tables }, { definition }) => {
        const declared = definition.type === 'http' ? 'UTC' : definition.timezone;
        const naive = tables.flatMap(({ name, columns }) =>
          columns
            .filter(({ type }) => type === 'timestamp without time zone')
            .map((column) => `${name}.${column.name}`),
        );
        return foundIf(naive.length > 0 && !isSameZone(timezone, declared), () => ({
          evidence: `the server is set to ${timezone}, the source to ${declared}, and these have no zone: ${someOf(naive)}`,
        }));
      }),
  }),
  check({
    id: 'table-never-analysed',
    group: 'source',
    severity: 'warning',
    what: 'The database knows about how many rows the tables of panels have',
    fix: 'run ANALYZE on it, and see that autovacuum is on: without it plans are guesses',
    needs: ['sources'],
    run: (facts) =>
      ofEach(facts, ({ tables }) =>
        tables
          .filter(({ rowsCount, bytes }) => rowsCount < 0 && bytes > ANALYSED_MIN_BYTES)
          .map(({ name, bytes }) => ({
            evidence: `${name} has ${bytesInWords(bytes)} and was never analysed`,
          })),
      ),
  }),
  check({
    id: 'index-missing',
    group: 'source',
    severity: 'warning',
    what: 'No panel reads a whole large table for a few of its rows',
    fix: 'create the index that is named, with CONCURRENTLY on a table in use',
    needs: ['sources'],
    run: (facts) =>
      ofEach(facts, ({ plans }) =>
        plans.flatMap(({ panel, scans }): Seen[] =>
          scans.known
            ? scans.value.map(({ table, filter, tableRowsCount, wantedRowsCount, columns }) => ({
                evidence: `${panel.dashboardId}/${panel.id} (${panel.place.file}:${panel.place.line}) scans all ${tableRowsCount} rows of ${table} for about ${wantedRowsCount}: ${filter}`,
                ...(columns.length > 0 && {
                  fix: `CREATE INDEX CONCURRENTLY ON ${table} (${columns.join(', ')})`,
                }),
              }))
            : [{ unseen: scans.reason }],
        ),
      ),
  }),
];

/** Of every PostgreSQL; one that cannot be asked is said to be. */
function ofEach(
  { sources }: Pick<Facts, 'sources'>,
  judge: (seen: PostgresSeen, source: SourceSeen) => readonly Seen[],
): readonly Seen[] {
  return sources.flatMap((source) => {
    const { postgres, definition } = source;
    if (postgres === null) return [];
    if (!postgres.known) return [{ unseen: `${definition.name}: ${postgres.reason}` }];
    return judge(postgres.value, source).map((seen) =>
      'unseen' in seen
        ? { unseen: `${definition.name}: ${seen.unseen}` }
        : { ...seen, evidence: `${definition.name}: ${seen.evidence}` },
    );
  });
}

function isSameZone(a: string, b: string): boolean {
  const plain = (zone: string) =>
    /^(etc\/)?(utc|gmt|zulu|universal|gmt0)$/i.test(zone) ? 'utc' : zone.toLowerCase();
  return plain(a) === plain(b);
}

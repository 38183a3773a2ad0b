import type { Dashboard, Definitions } from '../../definitions/model.js';
import { panelTables } from '../../definitions/panel-tables.js';
import { type Check, check, foundIf } from '../check.js';
import type { Facts } from '../facts.js';
import { someOf } from '../words.js';
import { unseenQueries } from './query-checks.js';

/** Whose data panels show, and in whose zone their days begin. */
export const tenantChecks: readonly Check[] = [
  check({
    id: 'tenant-scoping',
    group: 'definitions',
    severity: 'warning',
    what: 'A dashboard without a tenant reads no table whose rows belong to tenants',
    fix: 'give the dashboard a parameter with `tenant: true` and bind it in every query; if it is meant for those who may see all, keep it where only they reach it',
    needs: ['definitions', 'queries', 'sources'],
    run: (facts) => {
      const columns = tenantColumns(facts);
      const open = [...facts.definitions.dashboards.values()].filter(
        ({ tenantParameter }) => tenantParameter === null,
      );
      const found = open.flatMap((dashboard) => {
        const owned = ownedBy(dashboard, facts, columns);
        return foundIf(owned.length > 0, () => ({
          evidence: `${dashboard.id} (${dashboard.place.file}:${dashboard.place.line}) has no tenant, and reads ${someOf(owned)}`,
        }));
      });
      return [...(open.length > 0 ? unseenQueries(facts.queries) : []), ...found];
    },
  }),
  check({
    id: 'tenant-proof',
    group: 'definitions',
    severity: 'error',
    what: "Every query of a tenant's dashboard is seen to read rows of that tenant alone",
    fix: 'do what `dashcache validate` says under each of them (docs/tenants.md)',
    needs: ['definitions', 'queries'],
    run: ({ queries }) => [
      ...unseenQueries(queries),
      ...queries.unproved.map(({ place, message }) => ({
        evidence: `${place.file}:${place.line}: ${message}`,
      })),
    ],
  }),
  check({
    id: 'tenant-believed',
    group: 'definitions',
    severity: 'warning',
    what: 'Who names a tenant beyond loopback has shown who he is',
    fix: 'set HOST=127.0.0.1 and put a proxy with a login before it that fills in the tenant, or keep it in a network that you trust',
    needs: ['settings', 'definitions'],
    run: ({ settings: { isLoopback, host }, definitions }) => {
      const owned = [...definitions.dashboards.values()].filter(
        ({ tenantParameter }) => tenantParameter !== null,
      );
      return foundIf(!isLoopback && owned.length > 0, () => ({
        evidence: `HOST is ${host} and no identity is configured: everyone who reaches it reads every tenant of ${someOf(owned.map(({ id }) => id))}`,
      }));
    },
  }),
  check({
    id: 'period-timezone',
    group: 'definitions',
    severity: 'note',
    what: 'The days of a period begin in the zone in which its source has them',
    fix: 'declare `timezone` of the period as that of the source',
    needs: ['definitions'],
    run: ({ definitions }) =>
      [...definitions.dashboards.values()].flatMap((dashboard) => {
        const zone = zoneOf(dashboard, definitions);
        return [...dashboard.parameters.values()].flatMap((parameter) => {
          const isOther = parameter.type === 'period' && zone !== null && parameter.timezone !== zone;
          return foundIf(isOther && parameter.type === 'period' && /[dw]$|mo$/.test(parameter.align), () => ({
            evidence: `${dashboard.id}: days of ${parameter.name} begin in ${parameter.type === 'period' ? parameter.timezone : ''}, its source has ${zone}`,
          }));
        });
      }),
  }),
];

/** By source and table, the column that says whose a row is: as feeds declare it, or by the name of a tenant parameter. */
type TenantColumns = ReadonlyMap<string, ReadonlyMap<string, string>>;

function tenantColumns({ definitions, sources }: Pick<Facts, 'definitions' | 'sources'>): TenantColumns {
  const names = new Set(
    [...definitions.dashboards.values()].flatMap(({ tenantParameter }) => tenantParameter ?? []),
  );
  return new Map(
    sources.map(({ definition, columns }) => {
      const seen = [...columns].flatMap(([table, all]) => {
        const column = all.find((name) => names.has(name));
        return column === undefined ? [] : [[table, column] as const];
      });
      const declared = definition.type === 'postgres' ? [...(definition.changes?.tables ?? [])] : [];
      const told = declared.flatMap(([table, { tenantColumn }]) =>
        tenantColumn === null ? [] : [[table, tenantColumn] as const],
      );
      return [definition.name, new Map([...seen, ...told])];
    }),
  );
}

/** What of it a dashboard reads, as `table.column`. */
function ownedBy(
  dashboard: Dashboard,
  { queries }: Pick<Facts, 'queries'>,
  columns: TenantColumns,
): string[] {
  const owned = [...dashboard.panels.values()].flatMap((panel) => {
    const { tables } = panelTables(panel, queries.checked.get(panel) ?? []);
    const ofSource = columns.get(panel.sourceName);
    return tables.flatMap((table) => (ofSource?.has(table) ? [`${table}.${ofSource.get(table)}`] : []));
  });
  return [...new Set(owned)];
}

function zoneOf({ sourceName }: Dashboard, { sources }: Definitions): string | null {
  const source = sourceName === null ? undefined : sources.get(sourceName);
  return source === undefined || source.type === 'http' ? null : source.timezone;
}

import type { InvalidationMode } from '../cache/control-slot.js';
import type { Dashboard, Panel } from '../definitions/model.js';
import { tenantForFeed } from '../definitions/tenant.js';
import { scopesOfTables } from '../invalidation/table-scopes.js';
import { namesTables, type Scope, tableScopes, tagOf } from '../panel-tags.js';
import type { TableChange } from './change-feed.js';

/** What is declared now, as far as changes of tables have to know it. */
export interface DeclaredReaders {
  readonly dashboards: Iterable<Dashboard>;
  readonly tablesOf: (panel: Panel) => readonly string[];
  /** What a change does to the entries of a panel that reads the table: purge where nothing stale may be served. */
  readonly modeOf: (panel: Panel) => InvalidationMode;
}

/** The tags to replace, by how. */
export type ChangedTags = Readonly<Record<InvalidationMode, readonly string[]>>;

interface Reader {
  readonly panel: Panel;
  readonly isOfTenants: boolean;
}

/**
 * Everything that was read from these tables is to expire, of the tenants whose rows changed where that can be told apart; panels that
 * may show nothing stale are purged by tags of their own, so that others of the table are served stale meanwhile.
 */
export function tagsOfChanges(
  changes: readonly TableChange[],
  sourceName: string,
  declared: DeclaredReaders,
): ChangedTags {
  const tags = { expire: new Set<string>(), purge: new Set<string>() };
  for (const change of changes) {
    const readers = readersOf(change.table, sourceName, declared);
    for (const tag of tagsOfChange(change, sourceName, { readers, declared })) tags.expire.add(tag);
    for (const tag of tagsOfStrict(change, { readers, declared })) tags.purge.add(tag);
  }
  return { expire: [...tags.expire], purge: [...tags.purge] };
}

/** All that was read from the source, and what else depends on its tables. */
export function tagsOfGap(
  tables: readonly string[],
  sourceName: string,
  declared: DeclaredReaders,
): ChangedTags {
  const changes = tables.map((table): TableChange => ({ table, tenants: null }));
  const { expire, purge } = tagsOfChanges(changes, sourceName, declared);
  return { expire: [tagOf({ kind: 'source', name: sourceName }), ...expire], purge };
}

function tagsOfChange(
  { table, tenants }: TableChange,
  sourceName: string,
  { readers, declared }: { readers: readonly Reader[]; declared: DeclaredReaders },
): string[] {
  const panels = readers.map(({ panel }) => panel);
  const scopes = scopesOfTables([table], {
    panels,
    // A panel of another source that says that it depends on the table.
    sourceNames: new Set([sourceName, ...panels.map((panel) => panel.sourceName)]),
    tablesOf: declared.tablesOf,
  });
  // What belongs to no tenant shows the rows of all of them, and carries no tag of one.
  const isNarrowed = tenants !== null && readers.every(({ isOfTenants }) => isOfTenants);
  if (!isNarrowed) return scopes.map((scope) => tagOf(scope));
  return scopes.flatMap((scope) => narrowed(scope, tenants));
}

function tagsOfStrict(
  { tenants }: TableChange,
  { readers, declared }: { readers: readonly Reader[]; declared: DeclaredReaders },
): string[] {
  return readers
    .filter(({ panel }) => declared.modeOf(panel) === 'purge')
    .flatMap(({ panel, isOfTenants }) => {
      const scope: Scope = { kind: 'panel', name: `${panel.dashboardId}/${panel.id}` };
      return tenants !== null && isOfTenants ? narrowed(scope, tenants) : [tagOf(scope)];
    });
}

/** Choices are not told apart by tenant where the tenant itself is chosen. */
function narrowed(scope: Scope, tenants: readonly string[]): string[] {
  return scope.kind === 'options'
    ? [tagOf(scope)]
    : tenants.map((tenant) => tagOf(scope, tenantForFeed(tenant)));
}

/** Panels that read the table, or of which only the source is known. */
function readersOf(table: string, sourceName: string, { dashboards, tablesOf }: DeclaredReaders): Reader[] {
  const names = new Set(namesOf([table]));
  return [...dashboards].flatMap(({ panels, tenantParameter }) =>
    [...panels.values()]
      .filter((panel) => {
        const tables = tablesOf(panel);
        const isHidden = panel.sourceName === sourceName && !namesTables(panel, tables);
        return isHidden || namesOf(tables).some((name) => names.has(name));
      })
      .map((panel) => ({ panel, isOfTenants: tenantParameter !== null })),
  );
}

function namesOf(tables: readonly string[]): string[] {
  return tableScopes(tables).flatMap((scope) => ('name' in scope ? [scope.name] : []));
}

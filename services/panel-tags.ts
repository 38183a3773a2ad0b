import type { Panel } from './definitions/model.js';
import { noTenant, type Tenant } from './definitions/tenant.js';

/** More tags than this make every comparison slow: then the tables are named by their source's scope instead. */
export const TAGS_MAX_COUNT = 32;

/** What an invalidation can name; each also narrowed to one tenant. */
export type Scope = { readonly kind: 'all' } | { readonly kind: NamedKind; readonly name: string };

type NamedKind = 'dashboard' | 'panel' | 'source' | 'options' | 'table' | 'tag';

/** The tag of a scope. The tenant's length is written, so that no tenant's text can pass for another scope. */
export function tagOf(scope: Scope, { text }: Tenant = noTenant): string {
  const name = scope.kind === 'all' ? 'all' : `${scope.kind}:${scope.name}`;
  return text === null ? `*:${name}` : `${text.length}:${text}:${name}`;
}

/** What a tag says; null for one that no panel carries. */
export function readTag(tag: string): { readonly scope: Scope; readonly tenant: string | null } | null {
  const [, lengthText = '*'] = /^(\*|\d+):/.exec(tag) ?? [];
  const isOfAll = lengthText === '*';
  const nameAt = lengthText.length + 1 + (isOfAll ? 0 : Number(lengthText) + 1);
  const scope = readScope(tag.slice(nameAt));
  return scope && { scope, tenant: isOfAll ? null : tag.slice(lengthText.length + 1, nameAt - 1) };
}

function readScope(text: string): Scope | null {
  if (text === 'all') return { kind: 'all' };
  const [, kind, name = ''] = /^(dashboard|panel|source|options|table|tag):(.*)$/s.exec(text) ?? [];
  return kind === undefined ? null : { kind: kind as NamedKind, name };
}

/** The tags of a panel's entries for one tenant, in a fixed order: each scope, and each scope with the tenant. */
export function tagsOfPanel(panel: Panel, tables: readonly string[], tenant: Tenant): string[] {
  const scopes = namesTables(panel, tables)
    ? [...ownScopes(panel), ...tableScopes(tables)]
    : ownScopes(panel);
  return withTenant(scopes, tenant);
}

/** The tags of the choices of a dashboard's parameters. */
export function tagsOfOptions(panel: Panel, tenant: Tenant): string[] {
  return withTenant(
    [
      { kind: 'all' },
      { kind: 'dashboard', name: panel.dashboardId },
      { kind: 'options', name: panel.sourceName },
    ],
    tenant,
  );
}

/** Whether the panel's entries carry its tables; else an invalidation of one of them must name the source. */
export function namesTables(panel: Panel, tables: readonly string[]): boolean {
  const scopesCount = ownScopes(panel).length + tableScopes(tables).length;
  // Counted as if there were a tenant: the form of the tags must not depend on who asks.
  return scopesCount * 2 <= TAGS_MAX_COUNT;
}

/** `schema.tasks` is also found as `tasks`. */
export function tableScopes(tables: readonly string[]): Scope[] {
  const names = new Set(tables.flatMap((table) => [table, table.slice(table.lastIndexOf('.') + 1)]));
  return [...names].sort().map((name) => ({ kind: 'table', name }));
}

function ownScopes(panel: Panel): Scope[] {
  return [
    { kind: 'all' },
    { kind: 'dashboard', name: panel.dashboardId },
    { kind: 'panel', name: `${panel.dashboardId}/${panel.id}` },
    { kind: 'source', name: panel.sourceName },
    ...panel.tags.map((name): Scope => ({ kind: 'tag', name })),
  ];
}

function withTenant(scopes: readonly Scope[], tenant: Tenant): string[] {
  const tags = scopes.map((scope) => tagOf(scope));
  return tenant.text === null ? tags : [...tags, ...scopes.map((scope) => tagOf(scope, tenant))];
}

/** What the page shows, as its address says: `#/operations?site_id=7`. */
export interface Route {
  /** Null: the list of dashboards. */
  readonly dashboardId: string | null;
  readonly params: Readonly<Record<string, string>>;
}

export function routeOf(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const params = Object.fromEntries(new URLSearchParams(query));
  return { dashboardId: path === '' ? null : decodeURIComponent(path), params };
}

export function hashOf({ dashboardId, params }: Route): string {
  if (dashboardId === null) return '#/';
  const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== '')).toString();
  return `#/${encodeURIComponent(dashboardId)}${query === '' ? '' : `?${query}`}`;
}

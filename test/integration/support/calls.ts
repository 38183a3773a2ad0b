import type { Access } from '../../../services/identity/may.js';

export interface Call {
  readonly path: string;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly body?: unknown;
  readonly access: Access;
}

/** Every route of the service, with a call that it answers 200 when the caller may make it. A new one fails the tests until it is here. */
export const CALLS: Readonly<Record<string, Call>> = {
  'GET /dashboards': { path: '/dashboards', method: 'GET', access: 'reader' },
  'GET /dashboards/{dashboard}': { path: '/dashboards/shop?site_id=1', method: 'GET', access: 'reader' },
  // Its HEAD is of the same route; the answer to a GET has no end.
  'GET /dashboards/{dashboard}/live': {
    path: '/dashboards/shop/live?site_id=1',
    method: 'HEAD',
    access: 'reader',
  },
  'GET /dashboards/{dashboard}/metrics': {
    path: '/dashboards/shop/metrics?site_id=1',
    method: 'GET',
    access: 'reader',
  },
  'GET /dashboards/{dashboard}/charts/{chart}': {
    path: '/dashboards/shop/charts/by_day?site_id=1',
    method: 'GET',
    access: 'reader',
  },
  'GET /dashboards/{dashboard}/summary': {
    path: '/dashboards/shop/summary?site_id=1',
    method: 'GET',
    access: 'reader',
  },
  'GET /dashboards/{dashboard}/options/{param}': {
    path: '/dashboards/shop/options/site_id',
    method: 'GET',
    access: 'reader',
  },
  'GET /reports/cache-statistics': { path: '/reports/cache-statistics', method: 'GET', access: 'statistics' },
  'GET /reports/cache-statistics/': {
    path: '/reports/cache-statistics/',
    method: 'GET',
    access: 'statistics',
  },
  'GET /reports/cache-history': { path: '/reports/cache-history', method: 'GET', access: 'statistics' },
  'GET /reports/cache-periods': { path: '/reports/cache-periods', method: 'GET', access: 'statistics' },
  'GET /metrics': { path: '/metrics', method: 'GET', access: 'statistics' },
  'GET /': { path: '/', method: 'GET', access: 'open' },
  'GET /monitoring': { path: '/monitoring', method: 'GET', access: 'open' },
  'GET /health/live': { path: '/health/live', method: 'GET', access: 'open' },
  'GET /health/ready': { path: '/health/ready', method: 'GET', access: 'open' },
  'GET /openapi.json': { path: '/openapi.json', method: 'GET', access: 'open' },
  'GET /documentation': { path: '/documentation', method: 'GET', access: 'open' },
  'POST /cache/invalidations': {
    path: '/cache/invalidations',
    method: 'POST',
    body: { dashboard: 'shop' },
    access: 'admin',
  },
  'POST /cache/warmings': {
    path: '/cache/warmings',
    method: 'POST',
    body: { dashboard: 'shop', panel: 'summary', tenant: '1' },
    access: 'admin',
  },
  'POST /cache/bypasses': {
    path: '/cache/bypasses',
    method: 'POST',
    body: { url: '/dashboards/shop/summary?site_id=1' },
    access: 'admin',
  },
  'GET /cache/switch': { path: '/cache/switch', method: 'GET', access: 'admin' },
  'PUT /cache/switch': { path: '/cache/switch', method: 'PUT', body: { enabled: true }, access: 'admin' },
  'GET /cache/entries': {
    path: '/cache/entries?url=%2Fdashboards%2Fshop%3Fsite_id%3D1',
    method: 'GET',
    access: 'admin',
  },
  'GET /cache/why': {
    path: '/cache/why?url=%2Fdashboards%2Fshop%3Fsite_id%3D1',
    method: 'GET',
    access: 'admin',
  },
  'GET /cache/events': { path: '/cache/events', method: 'GET', access: 'admin' },
};

const routesOf = (isWanted: (access: Access) => boolean): string[] =>
  Object.keys(CALLS).filter((route) => isWanted(CALLS[route]?.access ?? 'admin'));

/** Of administrators. */
export const ADMIN_ROUTES = routesOf((access) => access === 'admin');
/** Of anybody, also where there are identities. */
export const OPEN_ROUTES = routesOf((access) => access === 'open');

import { DashcacheError } from '../../errors.js';
import type { Dashboard, Definitions, Panel } from '../definitions/model.js';
import { dashboardOf, panelOf } from '../invalidation/selection.js';
import { optionsPanel } from '../options-panel.js';

/** What an address of data asks for. */
export interface DataAddress {
  /** Path and query, without the base path. */
  readonly url: string;
  readonly dashboard: Dashboard;
  readonly panels: readonly Panel[];
  /** The address of the dashboard itself. */
  readonly isWhole: boolean;
  /** As it came, without its question mark. */
  readonly rawQuery: string;
}

const LONGEST_URL = 8192;

/**
 * Reads an address as the data routes do: a path with its query, or a whole URL; with or without the base path. Throws
 * parameters_invalid for `url` when it is no address of data, and what the routes throw for unknown dashboards and panels.
 */
export function dataAddress(
  text: string,
  { definitions, basePath }: { definitions: Definitions; basePath: string },
): DataAddress {
  const { path, rawQuery } = splitAddress(text, basePath);
  const [, dashboardId, rest = ''] = /^\/dashboards\/([^/]+)(?:\/(.+))?$/.exec(path) ?? [];
  if (dashboardId === undefined)
    throw unreadable(`is no address of data: give one such as /dashboards/operations/metrics?site_id=7`);
  const dashboard = dashboardOf(definitions, decoded(dashboardId));
  const url = `${path}${rawQuery === '' ? '' : `?${rawQuery}`}`;
  const panels = panelsOf(dashboard, decoded(rest));
  return { url, dashboard, panels, isWhole: rest === '', rawQuery };
}

function panelsOf(dashboard: Dashboard, rest: string): readonly Panel[] {
  if (rest === '') return [...dashboard.panels.values()];
  const [, parameter] = /^options\/(.+)$/.exec(rest) ?? [];
  if (parameter === undefined) return [panelOf(dashboard, rest)];
  const options = optionsPanel(dashboard, parameter);
  if (!options) throw new DashcacheError('parameter_unknown');
  return [options];
}

function splitAddress(text: string, basePath: string): { path: string; rawQuery: string } {
  if (text.length > LONGEST_URL) throw unreadable(`is longer than ${LONGEST_URL} characters`);
  const [target = ''] = text.replace(/^https?:\/\/[^/?#]*/i, '').split('#', 1);
  const [path = '', ...query] = target.split('?');
  const inBase = basePath !== '' && path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path;
  return { path: inBase.replace(/\/+$/, ''), rawQuery: query.join('?') };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw unreadable('is not percent-encoded as it should be');
  }
}

function unreadable(fault: string): DashcacheError {
  const detail = `url ${fault}`;
  return new DashcacheError('parameters_invalid', { detail, errors: [{ parameter: 'url', detail }] });
}

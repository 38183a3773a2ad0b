import type { ResolvedParameters } from '../definitions/model.js';

/** The part of a whole dashboard that one panel fills: the bytes of its body, or of `{"problem": ...}`. */
export interface PanelPart {
  readonly panelId: string;
  readonly bytes: Buffer;
}

const CHARTS = 'charts/';

/** Params as they stand in the body of a whole dashboard: canonical, in the order of the definition, the tenant included. */
export function paramsJson(parameters: ResolvedParameters): string {
  const members = [...parameters].map(([name, { json }]) => `${JSON.stringify(name)}:${json}`);
  return `{${members.join(',')}}`;
}

/** `{"dashboard":..,"params":..,"panels":{"metrics":..,"charts":{..},"summary":..}}`, joined without parsing anything. */
export function dashboardBody(dashboardId: string, params: string, parts: readonly PanelPart[]): Buffer {
  return Buffer.concat([Buffer.from('{'), ...dashboardMembers(dashboardId, params, parts), Buffer.from('}')]);
}

/** The same members as part of another object: the problem of a dashboard of which every panel failed. */
export function withDashboardMembers(
  problem: object,
  dashboard: { dashboardId: string; params: string; parts: readonly PanelPart[] },
): Buffer {
  const members = dashboardMembers(dashboard.dashboardId, dashboard.params, dashboard.parts);
  return Buffer.concat([
    Buffer.from(`${JSON.stringify(problem).slice(0, -1)},`),
    ...members,
    Buffer.from('}'),
  ]);
}

function dashboardMembers(dashboardId: string, params: string, parts: readonly PanelPart[]): Buffer[] {
  const charts = parts.filter(({ panelId }) => panelId.startsWith(CHARTS));
  const panels = [
    ...named(parts, 'metrics'),
    [
      Buffer.from('"charts":{'),
      ...joined(charts.map(({ panelId, bytes }) => member(panelId.slice(CHARTS.length), bytes))),
      Buffer.from('}'),
    ],
    ...named(parts, 'summary'),
  ];
  return [
    Buffer.from(`"dashboard":${JSON.stringify(dashboardId)},"params":${params},"panels":{`),
    ...joined(panels),
    Buffer.from('}'),
  ];
}

function named(parts: readonly PanelPart[], panelId: string): Buffer[][] {
  return parts.filter((part) => part.panelId === panelId).map(({ bytes }) => member(panelId, bytes));
}

function member(name: string, bytes: Buffer): Buffer[] {
  return [Buffer.from(`${JSON.stringify(name)}:`), bytes];
}

function joined(members: readonly Buffer[][]): Buffer[] {
  return members.flatMap((part, index) => (index === 0 ? part : [Buffer.from(','), ...part]));
}

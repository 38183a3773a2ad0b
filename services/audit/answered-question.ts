import { isDeepStrictEqual } from 'node:util';
import { type PanelRead, paramsOf, renderPanel } from '../panel-read.js';
import type { PanelBody } from './panel-body-schema.js';
import type { Fault } from './verdict.js';

/** What a body shows, or why it is no answer to the question that was asked. */
export type AnsweredQuestion =
  | { readonly content: string; readonly fault: null }
  | { readonly content: null; readonly fault: Fault };

/** Holds a body against the read that asked for it: the dashboard, the panel, the tenant and all parameters. */
export function answeredQuestion(read: PanelRead, text: string, body: PanelBody): AnsweredQuestion {
  const head = renderPanel(read, '', Date.parse(body.generated_at)).slice(0, -1);
  if (text.startsWith(head)) return { content: text.slice(head.length, -1), fault: null };
  const fault = tenantFault(read, body) ?? questionFault(read, body);
  if (fault) return { content: null, fault };
  // The same question in another spelling: what is shown is compared as it would be written.
  return { content: contentOf(body), fault: null };
}

function tenantFault(read: PanelRead, { params }: PanelBody): Fault | null {
  const parameter = read.bound.find((bound) => bound.parameter.tenant)?.parameter;
  if (!parameter || String(params[parameter.name]) === read.tenant.text) return null;
  return {
    kind: 'wrong_tenant',
    promised: `the data of tenant ${read.tenant.text}`,
    seen: `the data of tenant ${shown(params[parameter.name])}`,
  };
}

function questionFault(read: PanelRead, { dashboard, panel, params }: PanelBody): Fault | null {
  const asked = { dashboard: read.panel.dashboardId, panel: read.panel.id, params: paramsOf(read) };
  if (isDeepStrictEqual(asked, { dashboard, panel, params })) return null;
  return { kind: 'wrong_question', promised: shown(asked), seen: shown({ dashboard, panel, params }) };
}

function contentOf({ data, previous }: PanelBody): string {
  const before = previous === undefined ? '' : `,"previous":${JSON.stringify(previous)}`;
  return `"data":${JSON.stringify(data)}${before}`;
}

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 300) ?? 'nothing';
}

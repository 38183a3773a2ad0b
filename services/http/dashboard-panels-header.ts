import { type AnswerFacts, ageSeconds, isHit } from './cache-status.js';

/** How one panel of a dashboard ended: an answer, or the status of its problem. */
export type PanelOutcome =
  | { readonly panelId: string; readonly answer: AnswerFacts }
  | { readonly panelId: string; readonly status: number };

/**
 * Dashcache-Panels, a structured list (RFC 9651) of panel ids, which are all valid tokens:
 * `metrics;hit;age=12;layer=l1, charts/tasks;fwd=uri-miss;age=0;layer=source, summary;status=504`.
 */
export function dashboardPanelsHeader(panels: readonly PanelOutcome[], nowMs: number): string {
  return panels.map((panel) => `${panel.panelId};${parametersOf(panel, nowMs)}`).join(', ');
}

function parametersOf(panel: PanelOutcome, nowMs: number): string {
  if ('status' in panel) return `status=${panel.status}`;
  const { answer } = panel;
  return `${how(answer)};age=${ageSeconds(answer.entry, nowMs)};layer=${answer.layer}`;
}

function how(answer: AnswerFacts): string {
  if (isHit(answer)) return answer.outcome === 'hit' ? 'hit' : 'hit;stale';
  return answer.outcome === 'bypass' ? 'fwd=bypass' : 'fwd=uri-miss';
}

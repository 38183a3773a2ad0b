import type { Panel } from '../definitions/model.js';
import { cacheControl, NO_STORE, strictestClient } from './cache-control.js';
import { type AnswerFacts, ageSeconds, cacheStatus, dashboardCacheStatus } from './cache-status.js';
import { dashboardPanelsHeader, type PanelOutcome } from './dashboard-panels-header.js';

/** The headers of a data answer that tell of freshness, by lower-case name. */
export type DataHeaders = Readonly<Record<string, string>>;

/** Headers of one panel's answer; what its source forbids to keep is kept by nobody. `shared`: neither tenant nor identity decides what is seen. */
export function panelHeaders(
  answer: AnswerFacts,
  reuse: { client: Panel['client']; shared: boolean },
  nowMs: number,
): DataHeaders {
  return {
    'cache-status': cacheStatus(answer, nowMs),
    age: String(ageSeconds(answer.entry, nowMs)),
    'cache-control': answer.keep === false ? NO_STORE : cacheControl(reuse.client, reuse.shared),
  };
}

/** Headers of a whole dashboard: Age of the oldest panel, the strictest reuse, and nothing to keep after a failure or where a source forbids it. */
export function dashboardHeaders(
  panels: readonly PanelOutcome[],
  reuse: { clients: readonly Panel['client'][]; shared: boolean },
  nowMs: number,
): DataHeaders {
  const answers = panels.map((panel) => ('answer' in panel ? panel.answer : null));
  const given = answers.filter((answer) => answer !== null);
  const mayKeep = given.length === answers.length && given.every(({ keep }) => keep !== false);
  return {
    'cache-status': dashboardCacheStatus(answers, nowMs),
    ...(given.length > 0 && {
      age: String(Math.max(...given.map((answer) => ageSeconds(answer.entry, nowMs)))),
    }),
    'cache-control': mayKeep ? cacheControl(strictestClient(reuse.clients), reuse.shared) : NO_STORE,
    'dashcache-panels': dashboardPanelsHeader(panels, nowMs),
  };
}

import type { CacheAnswer } from '../cache/answer.js';
import { ageSeconds, ttlSeconds } from '../http/cache-status.js';
import { entityTag } from '../http/entity-tag.js';
import type { Problem } from '../http/problem.js';

/** Why a stream ends that its reader did not end. */
export type LiveEnd = 'drain' | 'expired' | 'forbidden' | 'reload';

/** Whoever is cut off comes back after so long, and those of one server not all at once: clients add their own chance. */
const RETRY_MS = 2000;

/** The events of a live stream (WHATWG HTML, section 9.2.5), each as text; a panel's body follows it as bytes. */
export const BEGINNING = `retry: ${RETRY_MS}\n\n`;
export const HEARTBEAT = ':\n\n';

interface Told {
  readonly id: string;
  readonly panelId: string;
}

/** Up to the body, which `ending` of the state goes on with. */
export function panelHead({ id, panelId }: Told, answer: CacheAnswer, nowMs: number): string {
  return `event: panel\nid: ${id}\ndata: ${members(panelId, answer, nowMs)},"body":`;
}

export function freshnessEvent(panelId: string, answer: CacheAnswer, nowMs: number): string {
  return `event: freshness\ndata: ${members(panelId, answer, nowMs)}}\n\n`;
}

export function problemEvent({ id, panelId }: Told, problem: Problem): string {
  return `event: problem\nid: ${id}\ndata: ${JSON.stringify({ panel: panelId, problem })}\n\n`;
}

export function endEvent(reason: LiveEnd): string {
  return `event: end\ndata: ${JSON.stringify({ reason })}\n\n`;
}

function members(panelId: string, answer: CacheAnswer, nowMs: number): string {
  const freshness = {
    outcome: answer.outcome,
    age: ageSeconds(answer.entry, nowMs),
    ttl: ttlSeconds(answer, nowMs),
    layer: answer.layer,
    stale_at: new Date(answer.staleAtMs).toISOString(),
  };
  const etag = JSON.stringify(entityTag(answer.entry.etag, 'identity'));
  return `{"panel":${JSON.stringify(panelId)},"etag":${etag},"freshness":${JSON.stringify(freshness)}`;
}

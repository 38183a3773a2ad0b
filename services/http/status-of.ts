import type { DashcacheError, ErrorCode } from '../../errors.js';

/** The status of every code; a code without one does not compile. */
const STATUSES = {
  parameters_invalid: 400,
  body_invalid: 400,
  dashboard_unknown: 404,
  panel_unknown: 404,
  parameter_unknown: 404,
  route_unknown: 404,
  method_not_allowed: 405,
  request_malformed: 400,
  payload_too_large: 413,
  media_type_unsupported: 415,
  too_many_requests: 429,
  unauthorized: 401,
  forbidden: 403,
  administration_closed: 403,
  invalidation_not_taken: 503,
  switch_not_taken: 503,
  source_deadline: 504,
  source_wrong_answer: 502,
  source_overloaded: 503,
  service_overloaded: 503,
  source_down: 503,
  starting_or_draining: 503,
  internal: 500,
} as const satisfies Record<ErrorCode, number>;

export function statusOf(code: ErrorCode): number {
  return STATUSES[code];
}

/** A 503 passes; who cannot say when is asked again soon. */
const RETRY_AFTER_SECONDS = 5;

/** Retry-After in whole seconds, or null where trying again is no answer. */
export function retryAfterSecondsOf({ code, retryAfterSeconds }: DashcacheError): number | null {
  if (retryAfterSeconds !== undefined) return Math.ceil(retryAfterSeconds);
  return statusOf(code) === 503 ? RETRY_AFTER_SECONDS : null;
}

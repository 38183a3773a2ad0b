import { type DashcacheError, ERRORS, type ErrorCode, type Fault } from '../../errors.js';
import { statusOf } from './status-of.js';

/** The body of every answer that is an error (RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: ErrorCode;
  readonly request_id: string;
  readonly errors?: readonly Fault[];
}

export const PROBLEM_TYPE = 'application/problem+json';

const LONGEST_INSTANCE = 256;
/** What may stand in a path of a URI reference (RFC 3986 section 3.3); Node lets more through. */
const NOT_IN_A_PATH = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]/g;

/** `url` is the request's target as it came; its query stays out, because it may hold what the log should not. */
export function problemOf(error: DashcacheError, request: { id: string; url: string }): Problem {
  return {
    type: `urn:problem-type:dashcache:${error.code}`,
    title: ERRORS[error.code],
    status: statusOf(error.code),
    detail: error.message,
    instance: instanceOf(request.url),
    code: error.code,
    request_id: request.id,
    ...(error.errors.length > 0 && { errors: error.errors }),
  };
}

function instanceOf(url: string): string {
  const [path = ''] = url.split(/[?#]/, 1);
  return path.replace(NOT_IN_A_PATH, encodeCharacter).slice(0, LONGEST_INSTANCE);
}

function encodeCharacter(character: string): string {
  return [...Buffer.from(character)]
    .map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`)
    .join('');
}

import type { ErrorCode } from '../../errors.js';
import { PROBLEM_TYPE } from '../http/problem.js';
import { statusOf } from '../http/status-of.js';
import { type HeaderReferences, headers, perhaps } from './answer-headers.js';
import { type Example, type Reference, type Response, ref, schemaRef } from './document.js';
import { CODES, problemExample } from './problem.js';

interface Status {
  readonly name: string;
  readonly description: string;
  readonly headers?: HeaderReferences;
  /** Where the table of errors has none of this status. */
  readonly codes?: readonly ErrorCode[];
}

/** Every status of a problem; the codes that it can have come from the table of errors. */
const STATUSES: Readonly<Record<number, Status>> = {
  400: {
    name: 'BadRequest',
    description: 'The request says something that is not understood or not taken: `errors` has each fault.',
  },
  401: {
    name: 'Unauthorized',
    description: 'A credential is missing or wrong.',
    headers: headers(['WwwAuthenticate']),
  },
  403: { name: 'Forbidden', description: 'This caller may not do this.' },
  404: {
    name: 'NotFound',
    description: 'There is no such address, dashboard, panel or parameter: `code` says which.',
  },
  405: {
    name: 'MethodNotAllowed',
    description: 'Given to every other method: this address answers those in Allow.',
    headers: headers(['Allow']),
  },
  408: {
    name: 'RequestTimeout',
    description: 'The request did not arrive in time.',
    codes: ['request_malformed'],
  },
  413: { name: 'ContentTooLarge', description: 'The request body is too large.' },
  415: { name: 'UnsupportedMediaType', description: 'The request body is not JSON.' },
  429: {
    name: 'TooManyRequests',
    description: 'Too many requests.',
    headers: headers(['RetryAfter']),
  },
  431: {
    name: 'HeaderFieldsTooLarge',
    description: 'The address and the header fields together are too long.',
    codes: ['request_malformed'],
  },
  500: { name: 'Internal', description: 'A fault of the service; the log has it under the request id.' },
  502: { name: 'BadGateway', description: 'The source gave an answer that cannot be shown.' },
  503: {
    name: 'Unavailable',
    description: 'Not now: `code` says what is away, or has too much to do.',
    headers: headers(['RetryAfter']),
  },
  504: { name: 'GatewayTimeout', description: 'The source did not answer within the deadline.' },
};

/** What any address can answer: hosts, paths and heads that cannot be read, wrong methods, faults. */
export const ALWAYS: readonly number[] = [400, 404, 405, 408, 431, 500];
export const WITH_BODY: readonly number[] = [413, 415];
export const WITH_CREDENTIAL: readonly number[] = [401, 403];

/** Of a whole dashboard these may be the worst of its panels', and then say how each was answered. */
const OF_PANELS: readonly number[] = [500, 502, 503, 504];

/** Where an address belongs, as its errors see it: data of panels, whole dashboards, administration, or anywhere else. */
export type Area = 'Data' | 'Dashboard' | 'Administration' | '';

const READS: readonly Area[] = ['Data', 'Dashboard'];

/** Codes that only some addresses give; the others are given anywhere. */
const AREAS: Partial<Record<ErrorCode, readonly Area[]>> = {
  body_invalid: ['Administration'],
  dashboard_unknown: [...READS, 'Administration'],
  panel_unknown: ['Data', 'Administration'],
  parameter_unknown: ['Data'],
  invalidation_not_taken: ['Administration'],
  switch_not_taken: ['Administration'],
  source_deadline: READS,
  source_wrong_answer: READS,
  source_overloaded: READS,
  service_overloaded: READS,
  source_down: READS,
};

/** The response of a problem: `body` is false for HEAD. */
export function problemResponse(status: number, area: Area): Reference {
  return ref('responses', `${isOwn(status, area) ? area : ''}${STATUSES[status]?.name ?? status}`);
}

/** The components that problemResponse refers to, and the same for HEAD. */
export function problemResponses(): Readonly<Record<string, Response>> {
  const responses: Record<string, Response> = {};
  for (const [status, { name, description, ...about }] of Object.entries(STATUSES))
    for (const area of ['', 'Data', 'Dashboard', 'Administration'] as const) {
      if (area !== '' && !isOwn(+status, area)) continue;
      const response = {
        description,
        headers: { ...headers(['NoStore']), ...about.headers, ...told(+status, area) },
      };
      const media = { schema: schemaRef('Problem'), examples: examplesOf(+status, area) };
      responses[`${area}${name}Head`] = response;
      responses[`${area}${name}`] = { ...response, content: { [PROBLEM_TYPE]: media } };
    }
  return responses;
}

/** Whether the problems of a status are others there than anywhere. */
function isOwn(status: number, area: Area): boolean {
  const isOfPanels = area === 'Dashboard' && OF_PANELS.includes(status);
  return isOfPanels || codesOf(status, area).join() !== codesOf(status, '').join();
}

function told(status: number, area: Area): Response['headers'] {
  const isOfPanels = area === 'Dashboard' && OF_PANELS.includes(status);
  return isOfPanels ? perhaps(['Vary', 'ContentEncoding', 'CacheStatus', 'DashcachePanels']) : {};
}

function codesOf(status: number, area: Area): readonly ErrorCode[] {
  const { codes } = STATUSES[status] ?? {};
  return codes ?? CODES.filter((code) => statusOf(code) === status && (AREAS[code]?.includes(area) ?? true));
}

function examplesOf(status: number, area: Area): Readonly<Record<string, Example | Reference>> {
  const examples = codesOf(status, area).map((code) => {
    // A code that has two statuses is shared only in its own.
    const isShared = statusOf(code) === status;
    return [code, isShared ? ref('examples', code) : problemExample(code, status)] as const;
  });
  return Object.fromEntries(examples);
}

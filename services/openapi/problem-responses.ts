import { ERRORS, type ErrorCode } from '../../errors.js';
import { PROBLEM_TYPE } from '../http/problem.js';
import { statusOf } from '../http/status-of.js';
import { type HeaderReferences, headers, perhaps } from './answer-headers.js';
import { type Example, type Reference, type Response, ref, type Schema, schemaRef } from './document.js';

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

/** The response of a problem: `body` is false for HEAD. */
export function problemResponse(status: number, of: { dashboard: boolean; body: boolean }): Reference {
  const prefix = of.dashboard && OF_PANELS.includes(status) ? 'Dashboard' : '';
  return ref('responses', `${prefix}${STATUSES[status]?.name ?? status}${of.body ? '' : 'Head'}`);
}

/** The components that problemResponse refers to. */
export function problemResponses(): Readonly<Record<string, Response>> {
  const responses: Record<string, Response> = {};
  for (const [status, { name, ...about }] of Object.entries(STATUSES)) {
    const own = { ...headers(['NoStore']), ...about.headers };
    const response = { description: about.description, headers: own };
    const content = {
      [PROBLEM_TYPE]: { schema: schemaRef('Problem'), examples: examplesOf(+status, about) },
    };
    responses[`${name}Head`] = response;
    responses[name] = { ...response, content };
    if (!OF_PANELS.includes(+status)) continue;
    const told = perhaps(['Vary', 'ContentEncoding', 'CacheStatus', 'DashcachePanels']);
    const whole = { ...response, headers: { ...own, ...told } };
    responses[`Dashboard${name}Head`] = whole;
    responses[`Dashboard${name}`] = { ...whole, content };
  }
  return responses;
}

function examplesOf(status: number, { codes }: Pick<Status, 'codes'>): Readonly<Record<string, Reference>> {
  const named = codes ?? CODES.filter((code) => statusOf(code) === status);
  return Object.fromEntries(named.map((code) => [code, ref('examples', code)]));
}

const CODES = Object.keys(ERRORS) as ErrorCode[];

/** One problem of every code. */
export function problemExamples(): Readonly<Record<string, Example>> {
  return Object.fromEntries(CODES.map((code) => [code, { summary: ERRORS[code], value: exampleOf(code) }]));
}

function exampleOf(code: ErrorCode) {
  return {
    type: `urn:problem-type:dashcache:${code}`,
    title: ERRORS[code],
    status: statusOf(code),
    detail: ERRORS[code],
    instance: '/dashboards/operations/metrics',
    code,
    request_id: '0cd21f25-d4e6-47ee-b467-5dbc7766a91e',
    ...(code === 'parameters_invalid' && {
      detail: 'site_id must be a whole number, 1 or more',
      errors: [{ detail: 'site_id must be a whole number, 1 or more', parameter: 'site_id' }],
    }),
    ...(code === 'body_invalid' && {
      errors: [{ detail: 'There is no member tabel: did you mean table?', pointer: '/tabel' }],
    }),
  };
}

/** The body of every error (RFC 9457). */
export const PROBLEM: Schema = {
  title: 'Problem',
  description:
    'An error (RFC 9457). That of a whole dashboard of which every panel failed has `dashboard`, `params` and `panels` as well.',
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'request_id'],
  properties: {
    type: { type: 'string', format: 'uri', description: '`urn:problem-type:dashcache:` and the code' },
    title: { type: 'string', description: 'The code in words, the same each time' },
    status: { type: 'integer', minimum: 400, maximum: 599, description: 'The status of the answer' },
    detail: { type: 'string', description: 'What is wrong this time, and what to do' },
    instance: { type: 'string', format: 'uri-reference', description: 'The path that was asked for' },
    code: { type: 'string', enum: CODES, description: 'For programs' },
    request_id: { type: 'string', description: 'Stands in the log beside the real reason' },
    errors: {
      type: 'array',
      description: 'Each fault by itself',
      items: {
        type: 'object',
        required: ['detail'],
        properties: {
          detail: { type: 'string', description: 'What is wrong' },
          parameter: { type: 'string', description: 'The parameter that it is about' },
          pointer: { type: 'string', description: 'The place in the body, a JSON pointer' },
        },
      },
    },
  },
};

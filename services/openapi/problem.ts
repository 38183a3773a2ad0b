import { ERRORS, type ErrorCode } from '../../errors.js';
import { statusOf } from '../http/status-of.js';
import type { Example, Schema } from './document.js';

export const CODES = Object.keys(ERRORS) as ErrorCode[];

/** One problem of every code. */
export function problemExamples(): Readonly<Record<string, Example>> {
  return Object.fromEntries(CODES.map((code) => [code, problemExample(code, statusOf(code))]));
}

export function problemExample(code: ErrorCode, status: number): Example {
  const value = {
    type: `urn:problem-type:dashcache:${code}`,
    title: ERRORS[code],
    status,
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
  return { summary: ERRORS[code], value };
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

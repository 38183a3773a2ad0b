import { DashcacheError } from '../../../errors.js';
import { wrongAnswer } from './http-fault.js';

/** What stands before the body of an answer. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

const DEFAULT_RETRY_AFTER_SECONDS = 5;
/** An endpoint that wants to be left alone for longer is asked again all the same, once an hour. */
const LONGEST_RETRY_AFTER_SECONDS = 3600;

/** No content, or not all of it: whatever they carry, it is no whole answer. */
const WITHOUT_CONTENT: ReadonlySet<number> = new Set([204, 205, 206]);

/** One header as text; several of one name joined, as RFC 9110 5.3 reads them. */
export function headerOf({ headers }: AnswerHead, name: string): string | null {
  const value = headers[name];
  if (value === undefined) return null;
  return typeof value === 'string' ? value : value.join(', ');
}

/** Why an answer cannot be taken by its status and type; null for a 2xx with JSON. `asked` is for the log. */
export function headError(head: AnswerHead, asked: string, nowMs: number): DashcacheError | null {
  const { status } = head;
  const cause = new Error(`${asked} was answered with status ${status}`);
  if (status === 429 || status === 503)
    return new DashcacheError('source_overloaded', {
      retryAfterSeconds: retryAfterSeconds(headerOf(head, 'retry-after'), nowMs),
      cause,
    });
  if (status === 502 || status === 504)
    return new DashcacheError('source_down', {
      detail: 'The data source cannot be reached.',
      retryAfterSeconds: DEFAULT_RETRY_AFTER_SECONDS,
      cause,
    });
  if (status >= 300 && status < 400)
    return wrongAnswer('The data source sends us elsewhere, and redirects are not followed.', cause);
  if (status < 200 || status >= 300 || WITHOUT_CONTENT.has(status))
    return wrongAnswer(`The data source answered with status ${status} where data was wanted.`, cause);
  if (isJson(headerOf(head, 'content-type'))) return null;
  return wrongAnswer(
    'The data source answered with something else than JSON.',
    new Error(`${asked} was answered with content-type ${headerOf(head, 'content-type') ?? 'none'}`),
  );
}

/** Whether Cache-Control forbids to keep an answer. */
export function isNoStore(head: AnswerHead): boolean {
  const directives = (headerOf(head, 'cache-control') ?? '').toLowerCase().split(',');
  return directives.some((directive) => directive.trim().split('=', 1)[0] === 'no-store');
}

function isJson(contentType: string | null): boolean {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return /^application\/(?:[a-z0-9!#$&^_.-]+\+)?json$/.test(type);
}

/** Seconds or a date (RFC 9110 10.2.3). */
function retryAfterSeconds(text: string | null, nowMs: number): number {
  const wanted = text ?? '';
  const seconds = /^[0-9]{1,10}$/.test(wanted) ? Number(wanted) : (Date.parse(wanted) - nowMs) / 1000;
  if (!Number.isFinite(seconds)) return DEFAULT_RETRY_AFTER_SECONDS;
  return Math.min(LONGEST_RETRY_AFTER_SECONDS, Math.max(1, Math.ceil(seconds)));
}

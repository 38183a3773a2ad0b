import { errors } from 'undici';
import { DashcacheError } from '../../../errors.js';
import { JsonFault } from './json-text.js';

/** An answer that says something else than what was asked for. `detail` is for readers, `cause` for the log. */
export function wrongAnswer(detail: string, cause?: unknown): DashcacheError {
  return new DashcacheError('source_wrong_answer', { detail, cause });
}

export function sourceDown(cause: unknown): DashcacheError {
  return new DashcacheError('source_down', {
    detail: 'The data source cannot be reached.',
    retryAfterSeconds: 5,
    cause,
  });
}

/** Errors of a request that was never sent, because there was nobody to send it to. */
const UNSENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EAI_FAIL|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|FORBIDDEN_ADDRESS)$/;

/** Whether a request has reached the endpoint, as far as its failure tells. */
export function hasReached({ code, cause }: DashcacheError): boolean {
  return code !== 'source_down' || !UNSENT.test(codeOf(cause));
}

/** A request that got no answer. What Node and undici write holds hosts and ports, so it is only the cause. */
export function requestError(error: unknown): DashcacheError {
  if (error instanceof DashcacheError) return error;
  // About what was answered, not about the way there.
  const isGarbled = error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError;
  return isGarbled
    ? wrongAnswer('The data source answers in something that is no HTTP.', error)
    : sourceDown(error);
}

/** An answer that began and could not be read to its end, or is not what it says. */
export function bodyError(error: unknown): DashcacheError {
  if (error instanceof DashcacheError) return error;
  if (error instanceof JsonFault)
    return wrongAnswer('The answer of the data source is no valid JSON. The log says where.', error);
  return codeOf(error) === 'ERR_ENCODING_INVALID_ENCODED_DATA'
    ? wrongAnswer('The answer of the data source is not UTF-8.', error)
    : wrongAnswer('The answer of the data source ended before it was complete.', error);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

import { DashcacheError, type ErrorCode, type Fault } from '../../errors.js';

/** What Fastify and its plugins throw, as far as we read it. */
interface ForeignError {
  readonly code?: unknown;
  readonly statusCode?: unknown;
  /** Which part of the request the schema did not fit. */
  readonly validationContext?: unknown;
  readonly validation?: readonly { readonly instancePath?: string; readonly message?: string }[];
}

const BY_CODE: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'media_type_unsupported',
  FST_ERR_MAX_PARAM_LENGTH: 'route_unknown',
  FST_ERR_NOT_FOUND: 'route_unknown',
  FST_ERR_BAD_URL: 'request_malformed',
};
const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  403: 'forbidden',
  404: 'route_unknown',
  405: 'method_not_allowed',
  413: 'payload_too_large',
  415: 'media_type_unsupported',
  429: 'too_many_requests',
  503: 'starting_or_draining',
};
const DETAILS: Partial<Record<ErrorCode, string>> = {
  request_malformed:
    'Check the address for stray % signs, and the body for JSON that is cut short or broken.',
};

const EMPTY_BODY: Fault = { pointer: '', detail: 'must be a JSON object' };

/**
 * Any thrown value as one of our errors. Messages of others may hold SQL, hosts or the request's own text, so none is passed
 * on: they stay in `cause`, for the log.
 */
export function errorOf(thrown: unknown): DashcacheError {
  if (thrown instanceof DashcacheError) return thrown;
  const foreign: ForeignError = typeof thrown === 'object' && thrown !== null ? thrown : {};
  if (foreign.validation) {
    const invalid = foreign.validationContext === 'body' ? 'body_invalid' : 'parameters_invalid';
    return new DashcacheError(invalid, { errors: faultsOf(foreign), cause: thrown });
  }
  if (foreign.code === 'FST_ERR_CTP_EMPTY_JSON_BODY') {
    return new DashcacheError('body_invalid', { errors: [EMPTY_BODY], cause: thrown });
  }
  const code = codeOf(foreign);
  const detail = DETAILS[code];
  return new DashcacheError(code, { cause: thrown, ...(detail !== undefined && { detail }) });
}

function codeOf({ code, statusCode }: ForeignError): ErrorCode {
  if (typeof code === 'string' && BY_CODE[code]) return BY_CODE[code];
  if (typeof statusCode !== 'number') return 'internal';
  return BY_STATUS[statusCode] ?? (statusCode >= 400 && statusCode < 500 ? 'request_malformed' : 'internal');
}

/** A member of the query is a parameter; a place in the body is a pointer, '' for the whole of it. */
function faultsOf({ validation = [], validationContext }: ForeignError): Fault[] {
  return validation.map(({ instancePath = '', message = 'is not valid' }) => {
    const detail = message;
    if (instancePath === '' && validationContext !== 'body') return { detail };
    return validationContext === 'querystring'
      ? { detail, parameter: instancePath.slice(1) }
      : { detail, pointer: instancePath };
  });
}

/**
 * Every error a caller can meet: its code and the title people read. The error handler maps codes to statuses;
 * a test holds docs/errors.md against this table in both directions.
 */
export const ERRORS = {
  parameters_invalid: 'The parameters are not valid',
  body_invalid: 'The request body is not valid',
  dashboard_unknown: 'There is no such dashboard',
  panel_unknown: 'There is no such panel',
  parameter_unknown: 'There is no such parameter, or it offers no options',
  route_unknown: 'There is no such address',
  method_not_allowed: 'This address does not answer this method',
  request_malformed: 'The request cannot be read',
  payload_too_large: 'The request body is too large',
  media_type_unsupported: 'The request body is of a type that is not read here',
  too_many_requests: 'Too many requests',
  unauthorized: 'This address wants a credential',
  forbidden: 'This address is closed for this caller',
  administration_closed: 'Administration is closed',
  invalidation_not_taken: 'The invalidation holds in this process only',
  switch_not_taken: 'The switch holds in this process only',
  source_deadline: 'The data source did not answer in time',
  source_wrong_answer: 'The data source gave an answer that cannot be shown',
  source_overloaded: 'The data source has too much to do',
  service_overloaded: 'The service has too much to do',
  source_down: 'The data source cannot be reached',
  starting_or_draining: 'The service is starting or stopping',
  internal: 'Something went wrong in the service',
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** One fault of a request, for the `errors` list of a problem. `parameter` or `pointer` says where it is. */
export interface Fault {
  readonly detail: string;
  readonly parameter?: string;
  readonly pointer?: string;
}

export interface ErrorOptions {
  /** What is wrong and what to do, safe for a stranger's eyes: no SQL, hosts, stacks or other tenants' data. */
  readonly detail?: string;
  readonly errors?: readonly Fault[];
  /** When a new try may succeed, in seconds: becomes Retry-After. */
  readonly retryAfterSeconds?: number;
  /** The real reason, for the log only. */
  readonly cause?: unknown;
}

/** An error with a code from the table; `message` is the safe detail. */
export class DashcacheError extends Error {
  readonly code: ErrorCode;
  readonly errors: readonly Fault[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, options: ErrorOptions = {}) {
    super(options.detail ?? ERRORS[code], options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DashcacheError';
    this.code = code;
    this.errors = options.errors ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

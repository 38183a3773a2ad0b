import { DashcacheError } from '../../../errors.js';

/** What DuckDB says went wrong. Connections report errors as JSON, so nothing is guessed from a message. */
export interface DuckdbFault {
  /** DuckDB's kind: Parser, Binder, Catalog, Conversion, Out of Memory, IO, FATAL, ... */
  readonly kind: string;
  readonly message: string;
  /** Place in the statement sent, in bytes; null when not told. */
  readonly byteOffset: number | null;
}

export function duckdbFault(error: unknown): DuckdbFault {
  const text = error instanceof Error ? error.message : String(error);
  return fromJson(text) ?? fromPlainText(text);
}

function fromJson(text: string): DuckdbFault | null {
  const start = text.indexOf('{"exception_type"');
  if (start < 0) return null;
  try {
    const told: Record<string, unknown> = JSON.parse(text.slice(start));
    const position = Number(told['position'] ?? Number.NaN);
    return {
      kind: String(told['exception_type']),
      message: String(told['exception_message']).trim(),
      byteOffset: Number.isInteger(position) ? position : null,
    };
  } catch {
    return null;
  }
}

/** Errors from before a connection is set up, e.g. "IO Error: Cannot open file". */
function fromPlainText(text: string): DuckdbFault {
  const [, kind, message] = /^([A-Za-z][A-Za-z ]*?) Error: (.*)$/s.exec(text) ?? [];
  return { kind: kind ?? 'Unknown', message: (message ?? text).trim(), byteOffset: null };
}

/** Whether the database refuses the statement itself, whatever the values. */
export function isRefusal(fault: DuckdbFault): boolean {
  return ['Parser', 'Binder', 'Catalog', 'Syntax', 'Permission', 'Invalid type'].includes(fault.kind);
}

/** Whether DuckDB has given the open database up: every later query would fail too, until it is opened anew. */
export function isFatal(fault: DuckdbFault): boolean {
  return ['FATAL', 'INTERNAL'].includes(fault.kind.toUpperCase());
}

/** Whether the fault lies with the database or its disk, not with what was asked. */
export function isOutage(fault: DuckdbFault): boolean {
  return isFatal(fault) || ['IO', 'Serialization', 'Connection'].includes(fault.kind);
}

/** A fault of a running query for readers: what DuckDB wrote may hold SQL, paths and data, so it is only the cause. */
export function queryError(fault: DuckdbFault, cause: unknown): DashcacheError {
  if (fault.kind === 'Out of Memory') {
    return new DashcacheError('source_overloaded', {
      detail: 'A query needs more memory than the data source may use.',
      retryAfterSeconds: 5,
      cause,
    });
  }
  if (isOutage(fault)) {
    return new DashcacheError('source_down', {
      detail: 'The data source cannot be read.',
      retryAfterSeconds: 5,
      cause,
    });
  }
  const detail = isRefusal(fault)
    ? 'The data source refuses the query of this panel. The log says why.'
    : 'The query of this panel failed in the data source. The log says why.';
  return new DashcacheError('source_wrong_answer', { detail, cause });
}

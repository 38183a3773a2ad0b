/** One read of data that an access log tells of. */
export interface LoggedRequest {
  readonly atMs: number;
  /** Path and query as they were asked for. */
  readonly address: string;
}

/** `[25/Nov/2026:21:36:45 +0100] "GET /path HTTP/1.1" 200`, as in the common and the combined format. */
const COMMON =
  /\[(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2})\] "(?:GET|HEAD) (\S+) HTTP\/[\d.]+" (\d{3})/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** A dashboard or one panel of it, behind a base path where there is one; the choices of a parameter are no read. */
const DATA = /^(?:\/[^?]*)?\/dashboards\/[^/?]+(?:\/(?:metrics|summary|charts\/[^/?]+))?\/?(?:\?|$)/;
/** An answer with data, or that the reader has it already. */
const ANSWERED: ReadonlySet<number> = new Set([200, 304]);

/**
 * Reads a line of an access log: of the common or the combined format, or of our own log (LOG_FILE). Null for all that is not
 * a read of data that was answered.
 */
export function loggedRequest(line: string): LoggedRequest | null {
  const told = line.startsWith('{') ? ownLine(line) : commonLine(line);
  if (told === null || !ANSWERED.has(told.status) || !Number.isFinite(told.atMs)) return null;
  const { atMs, address } = told;
  return DATA.test(address) ? { atMs, address } : null;
}

type Told = LoggedRequest & { readonly status: number };

function commonLine(line: string): Told | null {
  const found = COMMON.exec(line);
  if (!found) return null;
  const [, day, name = '', year, time, hours, minutes, address = '', status] = found;
  const month = String(MONTHS.indexOf(name) + 1).padStart(2, '0');
  const atMs = Date.parse(`${year}-${month}-${day}T${time}${hours}:${minutes}`);
  return { atMs, address, status: Number(status) };
}

function ownLine(line: string): Told | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return null;
  }
  const { time, req, res } = members(parsed);
  const { method, url } = members(req);
  const { statusCode } = members(res);
  if (typeof url !== 'string' || (method !== 'GET' && method !== 'HEAD')) return null;
  return { atMs: Number(time), address: url, status: Number(statusCode) };
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

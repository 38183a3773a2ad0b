/** One answered request for data, as a log tells of it. */
export interface LoggedRead {
  /** Wall clock, ms. */
  readonly atMs: number;
  /** Path and query, as they came. */
  readonly url: string;
  /** Of the answer's body as it was sent; null where the log does not say, or none was sent. */
  readonly bytes: number | null;
}

export interface AccessLog {
  /** In the order of time. */
  readonly reads: readonly LoggedRead[];
  /** Lines that tell of no such request, by why. */
  readonly skipped: ReadonlyMap<Skipped, number>;
}

export type Skipped = 'not a line of a log' | 'not a read' | 'answered without data';

/** `203.0.113.7 - - [25/Nov/2026:10:00:00 +0100] "GET /x HTTP/1.1" 200 1234`, with whatever stands behind it. */
const COMMON =
  /^\S+ \S+ .+? \[(\d{2})\/(\w{3})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2})\] "([A-Z]+) (\S+)[^"]*" (\d{3}) (\d+|-)/;
/** `2026-11-25T10:00:00Z GET /x`; without a method it is a GET. */
const PLAIN = /^(\d{4}-\d{2}-\d{2}T\S+)\s+(?:([A-Z]+)\s+)?(\/\S*|https?:\/\/\S+)\s*$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** An answer that says that the client has it was a read as well. */
const NOT_MODIFIED = 304;

/** A line of a log. */
export interface LogLine extends LoggedRead {
  readonly method: string;
  /** Null where the log does not say. */
  readonly status: number | null;
}

/** Reads the log of a web server (common or combined format), of dashcache itself (JSON), or lines of an instant and an address. */
export async function readAccessLog(lines: AsyncIterable<string>): Promise<AccessLog> {
  const reads: LoggedRead[] = [];
  const skipped = new Map<Skipped, number>();
  for await (const given of lines) {
    // A byte order mark, as editors leave one.
    const text = given.replace(/^\uFEFF/, '');
    if (text.trim() === '') continue;
    const line = readLogLine(text);
    const why = line ? whyNoRead(line) : 'not a line of a log';
    if (why) skipped.set(why, (skipped.get(why) ?? 0) + 1);
    else if (line) reads.push({ atMs: line.atMs, url: line.url, bytes: line.bytes });
  }
  reads.sort((a, b) => a.atMs - b.atMs);
  return { reads, skipped };
}

/** Why a line tells of no read that was answered; null: it does. */
export function whyNoRead({ method, status }: LogLine): Skipped | null {
  if (method !== 'GET' && method !== 'HEAD') return 'not a read';
  const isAnswered = status === null || status === NOT_MODIFIED || (status >= 200 && status < 300);
  return isAnswered ? null : 'answered without data';
}

/** Null for what is no line of a known format. */
export function readLogLine(text: string): LogLine | null {
  const line = text.startsWith('{') ? readJson(text) : (readCommon(text) ?? readPlain(text));
  if (!line || !isInstant(line.atMs)) return null;
  // A server writes 0 for a body that it did not send: that is no size of an answer.
  return line.method === 'GET' && line.status !== NOT_MODIFIED ? line : { ...line, bytes: null };
}

/** Numbers beyond what a date can be are none. */
function isInstant(atMs: number): boolean {
  return Number.isFinite(new Date(atMs).getTime());
}

function readCommon(text: string): LogLine | null {
  const [, day, month = '', year, time, zoneHours, zoneMinutes, method = '', url = '', status, bytes] =
    COMMON.exec(text) ?? [];
  if (day === undefined) return null;
  const monthText = String(MONTHS.indexOf(month) + 1).padStart(2, '0');
  return {
    atMs: Date.parse(`${year}-${monthText}-${day}T${time}${zoneHours}:${zoneMinutes}`),
    method,
    url,
    status: Number(status),
    bytes: bytes === '-' ? null : Number(bytes),
  };
}

function readPlain(text: string): LogLine | null {
  const [, at = '', method = 'GET', url = ''] = PLAIN.exec(text) ?? [];
  return url === '' ? null : { atMs: Date.parse(at), method, url, status: null, bytes: null };
}

/** A line that the service writes when it has answered. */
function readJson(text: string): LogLine | null {
  try {
    const { time, req, res, bytes } = JSON.parse(text);
    if (typeof req?.url !== 'string') return null;
    const atMs = typeof time === 'number' ? time : Date.parse(String(time));
    const status = typeof res?.statusCode === 'number' ? res.statusCode : null;
    return {
      atMs,
      method: String(req.method ?? 'GET'),
      url: req.url,
      status,
      bytes: typeof bytes === 'number' ? bytes : null,
    };
  } catch {
    return null;
  }
}

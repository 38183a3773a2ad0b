import { readLogLine, whyNoRead } from '../access-log.js';

/** One read of data that an access log tells of. */
export interface LoggedRequest {
  readonly atMs: number;
  /** Path and query as they were asked for. */
  readonly address: string;
}

/** A dashboard or one panel of it, behind a base path where there is one; the choices of a parameter are no read. */
const DATA = /^(?:\/[^?]*)?\/dashboards\/[^/?]+(?:\/(?:metrics|summary|charts\/[^/?]+))?\/?(?:\?|$)/;
/** Null for a line of an access log that is not a read of data that was answered. */
export function loggedRequest(text: string): LoggedRequest | null {
  const line = readLogLine(text);
  if (line === null || whyNoRead(line) !== null || !DATA.test(line.url)) return null;
  return { atMs: line.atMs, address: line.url };
}

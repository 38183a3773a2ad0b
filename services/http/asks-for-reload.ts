import type { IncomingHttpHeaders } from 'node:http';

const NO_CACHE = /(?:^|,)\s*no-cache\s*(?=,|$)/i;

/** Whether a client wants nothing that was stored before (RFC 9111 section 5.2.1.4). Beside a validator it means no more than the validator: fetch adds it there by itself. */
export function asksForReload(headers: IncomingHttpHeaders): boolean {
  if (headers['if-none-match'] !== undefined) return false;
  return NO_CACHE.test(headers['cache-control'] ?? '');
}

import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const SANE = /^[A-Za-z0-9._:-]{1,64}$/;

/** The id of a request in log and problems: what a trusted proxy gave it, if that is fit to be shown, else a new one. */
export function requestId(headers: IncomingHttpHeaders, proxyIsTrusted: boolean): string {
  const given = headers['x-request-id'];
  return proxyIsTrusted && typeof given === 'string' && SANE.test(given) ? given : randomUUID();
}

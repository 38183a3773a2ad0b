import type { IncomingHttpHeaders } from 'node:http';
import { asksForReload } from './asks-for-reload.js';

/** What of a head decides what is answered, beside the address: equal for requests that are answered alike. Null for a head that says more than that. */
export function askerOf(headers: IncomingHttpHeaders, rawHeaders: readonly string[]): string | null {
  if (!hasPlainHead(rawHeaders) || headers.expect !== undefined || asksForReload(headers)) return null;
  const { authorization = '', origin = '', 'x-api-key': key = '', 'accept-encoding': codings = '' } = headers;
  // No field has a line break.
  return `${codings}\n${origin}\n${key}\n${authorization}`;
}

/** Node keeps the first of several hosts and credentials, and whoever stands in front of this service may have looked at another one. */
function hasPlainHead(rawHeaders: readonly string[]): boolean {
  let hostsCount = 0;
  let credentialsCount = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (name.length === HOST.length && name.toLowerCase() === HOST) hostsCount++;
    else if (name.length === AUTHORIZATION.length && name.toLowerCase() === AUTHORIZATION) credentialsCount++;
  }
  return hostsCount === 1 && credentialsCount <= 1;
}

const HOST = 'host';
const AUTHORIZATION = 'authorization';

import type { IncomingMessage } from 'node:http';

type Head = Pick<IncomingMessage, 'headers' | 'rawHeaders' | 'httpVersion' | 'url'>;

/** What is wrong with how a request names its host, for people; null when nothing is (RFC 9112 sections 3.2 and 3.2.2). */
export function hostFault({ headers, rawHeaders, httpVersion, url = '' }: Head): string | null {
  const { host } = headers;
  if (host === undefined) return httpVersion === '1.1' ? 'An HTTP/1.1 request needs a Host field.' : null;
  // Node keeps the first of several; who stands in front of this service may have looked at another one.
  if (rawHeaders.filter((name, index) => index % 2 === 0 && isHost(name)).length > 1)
    return 'A request has one Host field.';
  if (url.startsWith('/')) return null;
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url)?.[1];
  if (authority !== undefined && authority.toLowerCase() !== host.toLowerCase())
    return 'The Host field and the host in the address are not the same.';
  return null;
}

function isHost(name: string): boolean {
  return name.length === 4 && name.toLowerCase() === 'host';
}

import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Pool } from 'undici';
import { isForbiddenAddress, isLoopbackAddress } from './forbidden-address.js';

/** All addresses of a name, as the system knows them. */
export type Resolve = (
  hostname: string,
  options: { family: number; hints: number },
) => Promise<readonly LookupAddress[]>;

/** Of a deadline of 30 s, enough is left for another address or another try. */
const CONNECT_WITHIN_MS = 10_000;
/** Unused connections are closed before most servers close theirs, so that no request goes down with one. */
const KEEP_ALIVE_MS = 4000;
const LONGEST_KEEP_ALIVE_MS = 60_000;

/**
 * Connections to one host and port and to nothing else: no redirects, no proxies from the environment. A name is resolved for
 * each connection, its every address checked, and the connection made to the very address that was checked.
 */
export function endpointPool(
  origin: string,
  { connectionsCount, resolve = resolveBySystem }: { connectionsCount: number; resolve?: Resolve },
): Pool {
  return new Pool(origin, {
    connections: connectionsCount,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: LONGEST_KEEP_ALIVE_MS,
    // The signal of a request is its one deadline: these fire up to a second late, and each by itself.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: CONNECT_WITHIN_MS, lookup: checkedLookup(resolve) },
  });
}

/** A name that leads where no endpoint is. */
export class ForbiddenAddress extends Error {
  readonly code = 'FORBIDDEN_ADDRESS';

  constructor(hostname: string, address: string) {
    super(`${hostname} resolves to ${address}, where nothing is asked`);
    this.name = 'ForbiddenAddress';
  }
}

/** The lookup of a connection. Literal addresses never come here: they were checked where they were declared. */
export function checkedLookup(resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    const asked = { family: familyOf(options.family), hints: options.hints ?? 0 };
    resolve(hostname, asked).then(
      (addresses) => {
        const [first] = addresses;
        // One bad address spoils the name: which one would be taken is for whoever answers for the name to choose.
        const bad = addresses.find(({ address }) => isRefused(hostname, address));
        if (bad) callback(new ForbiddenAddress(hostname, bad.address), []);
        else if (!first) callback(new Error(`${hostname} has no address`), []);
        else if (options.all) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}

/** Loopback is where this service's own administration is: only who writes localhost means it. */
function isRefused(hostname: string, address: string): boolean {
  if (isForbiddenAddress(address)) return true;
  return isLoopbackAddress(address) && !/^(?:.+\.)?localhost\.?$/i.test(hostname);
}

function familyOf(family: number | 'IPv4' | 'IPv6' | undefined): number {
  if (family === 'IPv4') return 4;
  return family === 'IPv6' ? 6 : (family ?? 0);
}

function resolveBySystem(
  hostname: string,
  options: { family: number; hints: number },
): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    systemLookup(hostname, { ...options, all: true }, (error, addresses) =>
      error ? reject(error) : resolve(addresses),
    );
  });
}

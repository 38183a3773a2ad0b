import type { ConfigFault } from './read-environment.js';

type Values = Readonly<Record<string, unknown>>;

/** Where the keys of tokens come from, by setting. */
const KEY_SOURCES = {
  jwtSecret: 'JWT_SECRET',
  jwtPublicKey: 'JWT_PUBLIC_KEY',
  jwtJwksUrl: 'JWT_JWKS_URL',
} as const;
const NEEDED = {
  jwtAlgorithm: 'JWT_ALGORITHM',
  jwtIssuer: 'JWT_ISSUER',
  jwtAudience: 'JWT_AUDIENCE',
} as const;

/** RFC 7518 section 3.2: a key at least as long as the output of its hash. */
const HASH_BITS_PER_BYTE = 8;

/** Whether readers have to say who they are. */
export function hasIdentity(values: Values): boolean {
  return keySources(values).length > 0 || isSet(values['apiKeysFile']);
}

/** What is wrong with the settings of identity taken together; each alone was checked. */
export function identityFaults(values: Values): ConfigFault[] {
  const [source, ...others] = keySources(values);
  const faults = [...authFaults(values)];
  for (const other of others)
    faults.push(
      fault(
        other,
        `${other} and ${source} are both set, but tokens have keys from one place; keep one of them`,
      ),
    );
  for (const [name, variable] of Object.entries(NEEDED)) {
    if (source !== undefined && !isSet(values[name]))
      faults.push(
        fault(
          variable,
          `${variable} is wanted beside ${source}: without it a token made for others would be taken`,
        ),
      );
    if (source === undefined && isSet(values[name]))
      faults.push(
        fault(variable, `${variable} is set, but no key: set JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URL`),
      );
  }
  if (source !== undefined) faults.push(...keyFaults(values, source));
  return faults;
}

function keySources(values: Values): string[] {
  return Object.entries(KEY_SOURCES).flatMap(([name, variable]) => (isSet(values[name]) ? [variable] : []));
}

function authFaults(values: Values): ConfigFault[] {
  if (!isSet(values['auth']) || !hasIdentity(values)) return [];
  return [
    fault('AUTH', 'AUTH=none says that no identity is wanted, but one is configured; unset one of them'),
  ];
}

function keyFaults(values: Values, source: string): ConfigFault[] {
  const algorithm = values['jwtAlgorithm'];
  if (typeof algorithm !== 'string') return [];
  const isSymmetric = algorithm.startsWith('HS');
  if (isSymmetric !== (source === 'JWT_SECRET'))
    return [
      fault(
        'JWT_ALGORITHM',
        isSymmetric
          ? `JWT_ALGORITHM is ${algorithm}, which wants JWT_SECRET and not ${source}`
          : `JWT_ALGORITHM is ${algorithm}, which wants JWT_PUBLIC_KEY or JWT_JWKS_URL and not JWT_SECRET`,
      ),
    ];
  const secret = values['jwtSecret'];
  const leastBytes = Number(algorithm.slice(2)) / HASH_BITS_PER_BYTE;
  if (typeof secret === 'string' && Buffer.byteLength(secret) < leastBytes)
    return [
      fault(
        'JWT_SECRET',
        `JWT_SECRET is shorter than the ${leastBytes} bytes that ${algorithm} needs; make one: openssl rand -base64 ${leastBytes}`,
      ),
    ];
  const url = values['jwtJwksUrl'];
  if (typeof url === 'string' && !isSafe(url))
    return [
      fault(
        'JWT_JWKS_URL',
        'JWT_JWKS_URL is http, where anybody on the way could change the keys, or has a user in it; use https, and nothing but the address',
      ),
    ];
  return [];
}

/** Nobody stands between a process and its own machine. A password in an address would stand in the log. */
function isSafe(url: string): boolean {
  const { protocol, hostname, username, password } = new URL(url);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

function isSet(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function fault(variable: string, message: string): ConfigFault {
  return { variable, message };
}

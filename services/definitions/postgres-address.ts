import { resolve } from 'node:path';
import type { PostgresAddress, PostgresTls } from './source-definitions.js';

/** What is wrong with a URL, and what to do. Neither holds a part of it: it may be a secret. */
export class AddressFault extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.name = 'AddressFault';
    this.hint = hint;
  }
}

const SHAPE = `write postgres://user:password@host:5432/database, best as \${DATABASE_URL}`;
const PARAMETERS = new Set([
  'host',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'application_name',
  'channel_binding',
]);

/**
 * Reads `postgres://user:password@host:port/database?sslmode=...` with libpq's meaning of its parameters; paths are seen from
 * `folder`. Throws AddressFault for what cannot be meant, and for parameters that would be ignored.
 */
export function readPostgresAddress(text: string, folder: string): PostgresAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^postgres(ql)?:$/.test(url.protocol))
    throw new AddressFault('this is no address of a PostgreSQL server', SHAPE);
  const parameters = url.searchParams;
  for (const name of parameters.keys())
    if (!PARAMETERS.has(name))
      throw new AddressFault(
        `the parameter ${JSON.stringify(name.slice(0, 40))} of this address is not known`,
        `these are: ${[...PARAMETERS].join(', ')}`,
      );
  const host = parameters.get('host') ?? decoded(url.hostname).replace(/^\[|\]$/g, '');
  const user = decoded(url.username);
  const database = decoded(url.pathname.slice(1));
  if (host === '') throw new AddressFault('this address names no host', SHAPE);
  if (user === '') throw new AddressFault('this address names no user', SHAPE);
  if (database === '') throw new AddressFault('this address names no database', SHAPE);
  return {
    host,
    port: url.port === '' ? 5432 : Number(url.port),
    user,
    password: decoded(url.password),
    database,
    applicationName: parameters.get('application_name') ?? 'dashcache',
    channelBinding: readChannelBinding(parameters.get('channel_binding')),
    tls: readTls(parameters, folder),
  };
}

/** libpq's sslmode. `allow` and `prefer` would go on without TLS when somebody in between says so. */
function readTls(parameters: URLSearchParams, folder: string): PostgresTls | null {
  const mode = parameters.get('sslmode') ?? 'disable';
  const file = (name: string) => {
    const path = parameters.get(name);
    return path === null ? null : resolve(folder, path);
  };
  const files = { caFile: file('sslrootcert'), certFile: file('sslcert'), keyFile: file('sslkey') };
  if (mode === 'verify-full') return { ...files, verify: 'host' };
  if (mode === 'verify-ca') return { ...files, verify: 'authority' };
  // As libpq does: who names an authority wants it held against.
  if (mode === 'require') return { ...files, verify: files.caFile === null ? 'nothing' : 'authority' };
  if (mode !== 'disable')
    throw new AddressFault(
      'this sslmode is not supported',
      'write verify-full with sslrootcert=FILE, verify-ca, require, or disable',
    );
  if (Object.values(files).some((path) => path !== null))
    throw new AddressFault('this address names certificates and no sslmode', 'add sslmode=verify-full');
  return null;
}

function readChannelBinding(mode: string | null): boolean {
  if (mode === null || mode === 'disable') return false;
  if (mode === 'prefer' || mode === 'require') return true;
  throw new AddressFault('this channel_binding is not known', 'write prefer, require or disable');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new AddressFault('this address has a % that encodes nothing', 'write %25 for a % in it');
  }
}

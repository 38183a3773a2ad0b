import { createHash, timingSafeEqual } from 'node:crypto';
import { parse } from 'yaml';
import { CredentialRefused } from './credential-refused.js';
import { type Identity, isRole, ROLES } from './identity.js';

const KEY_MAX_CHARS_COUNT = 256;
const FIELDS = ['name', 'sha256', 'tenants', 'roles'];

/** Everything that is wrong with a file of keys, at once; never a key or a hash. */
export class ApiKeyFaults extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'ApiKeyFaults';
    this.faults = faults;
  }
}

interface KeyRecord {
  readonly hash: Buffer;
  readonly identity: Identity;
}

/** The API keys of one file. It holds hashes only: who reads the file cannot ask with it. */
export class ApiKeys {
  readonly #records: readonly KeyRecord[];

  private constructor(records: readonly KeyRecord[]) {
    this.#records = records;
  }

  /** Throws ApiKeyFaults. */
  static of(yaml: string): ApiKeys {
    const faults: string[] = [];
    const names = new Set<string>();
    const hashes = new Set<string>();
    const records = recordsOf(yaml).map((record, index) => {
      const fault = (text: string) => faults.push(`keys[${index}]: ${text}`);
      const { name, sha256, tenants = [], roles } = record;
      for (const field of Object.keys(record))
        if (!FIELDS.includes(field))
          fault(`${JSON.stringify(field)} means nothing here; known are ${FIELDS.join(', ')}`);
      if (typeof name !== 'string' || !/^[\w .@-]{1,64}$/.test(name))
        fault('name must be 1 to 64 letters, digits, spaces and . _ @ -');
      else if (names.has(name)) fault(`the name ${name} is given twice`);
      else names.add(name);
      const hash = typeof sha256 === 'string' && /^[0-9a-f]{64}$/i.test(sha256) ? sha256.toLowerCase() : '';
      if (hash === '') fault('sha256 must be the 64 hexadecimal digits of the SHA-256 of the key');
      else if (hashes.has(hash)) fault('another record has the same sha256');
      hashes.add(hash);
      const taken = Array.isArray(roles) ? roles.filter(isRole) : [];
      if (!Array.isArray(roles) || roles.length === 0 || taken.length < roles.length)
        fault(`roles must be a list of ${ROLES.join(', ')}`);
      const texts = textsOf(tenants);
      if (texts === null) fault('tenants must be a list of texts or whole numbers');
      const identity: Identity = Object.freeze({ name: String(name), roles: taken, tenants: texts ?? [] });
      return { hash: Buffer.from(hash, 'hex'), identity };
    });
    if (faults.length > 0) throw new ApiKeyFaults(faults);
    return new ApiKeys(records);
  }

  /** Compares with every record, in constant time. Throws CredentialRefused. */
  identityOf(key: string): Identity {
    if (key.length > KEY_MAX_CHARS_COUNT || !/^[\x21-\x7e]+$/.test(key))
      throw new CredentialRefused('invalid', 'no API key by its form');
    const hash = createHash('sha256').update(key).digest();
    let found: Identity | null = null;
    for (const record of this.#records) if (timingSafeEqual(record.hash, hash)) found = record.identity;
    if (found === null) throw new CredentialRefused('invalid', 'an unknown API key');
    return found;
  }
}

function recordsOf(yaml: string): Record<string, unknown>[] {
  let read: unknown;
  try {
    read = parse(yaml, { logLevel: 'error' });
  } catch {
    // What YAML says of it shows the line.
    throw new ApiKeyFaults(['this is not YAML']);
  }
  const isOne = typeof read === 'object' && read !== null && Object.keys(read).join() === 'keys';
  const keys: unknown = isOne ? (read as { keys: unknown }).keys : null;
  if (Array.isArray(keys) && keys.every(isRecord)) return keys;
  throw new ApiKeyFaults(['there must be one member, keys: a list of { name, sha256, tenants, roles }']);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textsOf(tenants: unknown): string[] | null {
  if (!Array.isArray(tenants)) return null;
  const texts = tenants.flatMap((value: unknown) =>
    typeof value === 'string' && value !== '' ? [value] : Number.isSafeInteger(value) ? [String(value)] : [],
  );
  return texts.length === tenants.length ? [...new Set(texts)] : null;
}

import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { importSPKI, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import { WatchedFolder } from '../watched-folder.js';
import { ApiKeyFaults, ApiKeys } from './api-keys.js';
import { CredentialRefused } from './credential-refused.js';
import type { Credentials } from './credentials.js';
import { isTooShort, KeySet } from './key-set.js';
import { TokenVerifier } from './token-verifier.js';

/** As the settings of those names say. */
export interface IdentitySettings {
  readonly jwtSecret: string | null;
  readonly jwtPublicKey: string | null;
  readonly jwtJwksUrl: string | null;
  readonly jwtAlgorithm: string | null;
  readonly jwtIssuer: string | null;
  readonly jwtAudience: string | null;
  readonly tenantClaim: string;
  readonly rolesClaim: string;
  readonly apiKeysFile: string | null;
}

interface Parts {
  readonly clock: Clock;
  readonly log: Log;
}

/** What is wrong with a key or a file of keys, for the person who starts the service. Never shows any of it. */
export class IdentityFault extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'IdentityFault';
  }
}

/** Reads the keys; null where the settings name none. Rejects with IdentityFault. */
export async function openCredentials(settings: IdentitySettings, parts: Parts): Promise<Credentials | null> {
  const keySet = settings.jwtJwksUrl === null ? null : keySetAt(settings.jwtJwksUrl, settings, parts);
  const verifier = await verifierOf(settings, { keySet, ...parts });
  const keys = settings.apiKeysFile === null ? null : new KeyFile(settings.apiKeysFile, parts);
  if (!verifier && !keys) return null;
  // Last: whoever is refused leaves nothing behind that runs.
  keySet?.start();
  return {
    ofToken: (token) =>
      verifier
        ? verifier.verify(token)
        : Promise.reject(new CredentialRefused('invalid', 'tokens are not configured')),
    ofKnownToken: (token) => verifier?.known(token) ?? null,
    ofKey(key) {
      if (!keys) throw new CredentialRefused('invalid', 'API keys are not configured');
      return keys.keys.identityOf(key);
    },
    get problem() {
      return [keys?.problem, keySet?.problem].filter(Boolean).join('; ') || null;
    },
    reload: () => keys?.reload(),
    // Tokens are good until they expire.
    onChange: (listener) => keys?.onChange(listener),
    close() {
      keys?.close();
      keySet?.close();
    },
  };
}

function keySetAt(url: string, { jwtAlgorithm }: IdentitySettings, parts: Parts): KeySet {
  return new KeySet({ url, algorithm: jwtAlgorithm ?? '', ...parts });
}

async function verifierOf(
  settings: IdentitySettings,
  { keySet, clock }: Parts & { keySet: KeySet | null },
): Promise<TokenVerifier | null> {
  const { jwtAlgorithm: algorithm, jwtIssuer: issuer, jwtAudience: audience } = settings;
  if (algorithm === null || issuer === null || audience === null) return null;
  const key: JWTVerifyGetKey | null = keySet
    ? (header) => keySet.keyOf(header)
    : await fixedKey(settings, algorithm);
  const { tenantClaim, rolesClaim } = settings;
  return key && new TokenVerifier({ key, algorithm, issuer, audience, tenantClaim, rolesClaim, clock });
}

/** Imported for the one algorithm: it cannot be used with another. */
async function fixedKey(
  { jwtSecret, jwtPublicKey }: IdentitySettings,
  algorithm: string,
): Promise<JWTVerifyGetKey | null> {
  if (jwtSecret !== null) {
    const secret = new TextEncoder().encode(jwtSecret);
    return async () => secret;
  }
  if (jwtPublicKey === null) return null;
  try {
    const key = await importSPKI(jwtPublicKey, algorithm);
    if (isTooShort(key)) throw new Error('an RSA key below 2048 bits');
    return async () => key;
  } catch (error) {
    throw new IdentityFault(
      `JWT_PUBLIC_KEY is no public key for ${algorithm}: give one of that kind (RSA: 2048 bits or more), or another JWT_ALGORITHM`,
      error,
    );
  }
}

/** The API keys of a file, read again when it changes; a broken one leaves the last good one in force. */
class KeyFile {
  readonly #path: string;
  readonly #log: Log;
  readonly #watch: WatchedFolder;
  #keys: ApiKeys;
  #problem: string | null = null;
  #onChange = (): void => {};

  constructor(path: string, { log, clock }: Parts) {
    this.#path = path;
    this.#log = log;
    try {
      this.#keys = this.#read();
    } catch (error) {
      throw new IdentityFault(`API_KEYS_FILE, ${path}: ${faultOf(error)}`, error);
    }
    const isOurs = (name: string) => name === basename(path);
    this.#watch = new WatchedFolder(dirname(path), { clock, isOurs, onChange: () => this.reload() });
  }

  get keys(): ApiKeys {
    return this.#keys;
  }

  get problem(): string | null {
    return this.#problem;
  }

  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  reload(): void {
    try {
      this.#keys = this.#read();
      this.#onChange();
      if (this.#problem !== null) this.#log.info({ file: this.#path }, 'The API keys can be read again');
      this.#problem = null;
    } catch (error) {
      const problem = faultOf(error);
      if (problem !== this.#problem)
        this.#log.error(
          { file: this.#path },
          `The API keys were not taken, those of before stay in force: ${problem}`,
        );
      this.#problem = problem;
    }
  }

  close(): void {
    this.#watch.close();
  }

  #read(): ApiKeys {
    return ApiKeys.of(readFileSync(this.#path, 'utf8'));
  }
}

function faultOf(error: unknown): string {
  if (error instanceof ApiKeyFaults) return error.faults.join('; ');
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code ?? 'unknown'})`;
}

import { type CryptoKey, importJWK, type JWK, type JWTHeaderParameters } from 'jose';
import { Agent, request } from 'undici';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';

const DEADLINE_MS = 3000;
const MAX_BYTES = 256 * 1024;
const KEYS_MAX_COUNT = 100;
const REFRESH_MS = 600_000;
/** A token of a key that is not known asks for the set again, but not more often: anybody can make up names of keys. */
const UNKNOWN_MS = 30_000;
/** While the provider is away: at first soon, then ever more rarely, for every process asks. */
const RETRY_FIRST_MS = 1000;
const RETRY_LAST_MS = 60_000;
/** Keys outlive their provider's outage for so long. */
const USABLE_MS = 24 * 3_600_000;

type Key = Awaited<ReturnType<typeof importJWK>>;

interface KnownKey {
  readonly kid: string | undefined;
  readonly key: Key;
}

export interface KeySetOptions {
  /** Nothing else is ever asked. */
  readonly url: string;
  readonly algorithm: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** The public keys of an issuer, fetched from one address: with a deadline, bounded in bytes, without redirects, kept while it is away. */
export class KeySet {
  readonly #options: KeySetOptions;
  readonly #agent = new Agent({ connect: { timeout: DEADLINE_MS } });
  #keys: readonly KnownKey[] = [];
  #fetchedAtMs = Number.NEGATIVE_INFINITY;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #fetching: Promise<void> | null = null;
  #problem: string | null = null;
  #failuresCount = 0;
  #cancel = (): void => {};
  #isClosed = false;

  constructor(options: KeySetOptions) {
    this.#options = options;
  }

  /** What is wrong; null: nothing. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Fetches now and then; nobody waits for it. */
  start(): void {
    void this.#fetch().then(() => {
      if (this.#isClosed) return;
      this.#cancel = this.#options.clock.after(this.#nextInMs(), () => this.start());
    });
  }

  #nextInMs(): number {
    if (this.#failuresCount === 0) return REFRESH_MS;
    return Math.min(RETRY_FIRST_MS * 2 ** (this.#failuresCount - 1), RETRY_LAST_MS);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
    void this.#agent.destroy();
  }

  /** The key that the head of a token names, by its name within the set. Rejects where there is none. */
  async keyOf({ kid }: JWTHeaderParameters): Promise<Key> {
    const nowMs = this.#options.clock.monotonicMs();
    // The very first answer is waited for.
    if (this.#fetchedAtMs === Number.NEGATIVE_INFINITY) await this.#fetching;
    const known = this.#find(kid);
    if (known && nowMs - this.#fetchedAtMs < USABLE_MS) return known;
    if (this.#fetching || nowMs - this.#askedAtMs >= UNKNOWN_MS) await this.#fetch();
    const found =
      this.#options.clock.monotonicMs() - this.#fetchedAtMs < USABLE_MS ? this.#find(kid) : undefined;
    if (!found) throw new Error('no such key in the set');
    return found;
  }

  /** Without a name it can only be the one that there is. */
  #find(kid: string | undefined): Key | undefined {
    if (kid === undefined) return this.#keys.length === 1 ? this.#keys[0]?.key : undefined;
    return this.#keys.find((known) => known.kid === kid)?.key;
  }

  #fetch(): Promise<void> {
    this.#fetching ??= this.#fetchNow().finally(() => {
      this.#fetching = null;
    });
    return this.#fetching;
  }

  async #fetchNow(): Promise<void> {
    const { clock, log, algorithm } = this.#options;
    this.#askedAtMs = clock.monotonicMs();
    try {
      const keys = await usableKeys(await this.#download(), algorithm);
      if (keys.length === 0) throw new Error(`it has no key for ${algorithm}`);
      this.#keys = keys;
      this.#fetchedAtMs = clock.monotonicMs();
      if (this.#problem !== null)
        log.info({ url: this.#options.url }, 'The keys of the issuer of tokens are there again');
      this.#problem = null;
      this.#failuresCount = 0;
    } catch (error) {
      if (this.#isClosed) return;
      this.#failuresCount++;
      const problem = `JWT_JWKS_URL gives no keys: ${error instanceof Error ? error.message : 'unknown'}`;
      const meanwhile =
        this.#keys.length > 0
          ? 'those of before stay in force for a day'
          : 'tokens are refused until it does';
      if (problem !== this.#problem) log.error({ url: this.#options.url }, `${problem}; ${meanwhile}`);
      this.#problem = problem;
    }
  }

  async #download(): Promise<unknown> {
    const deadline = new AbortController();
    const cancel = this.#options.clock.after(DEADLINE_MS, () =>
      deadline.abort(new Error(`it does not answer within ${DEADLINE_MS} ms`)),
    );
    try {
      return await this.#downloadUntil(deadline.signal);
    } finally {
      cancel();
    }
  }

  async #downloadUntil(signal: AbortSignal): Promise<unknown> {
    // undici follows no redirects by itself.
    const { statusCode, body } = await request(this.#options.url, {
      dispatcher: this.#agent,
      signal,
      headers: { accept: 'application/json' },
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body) {
      bytes += (chunk as Buffer).length;
      if (bytes > MAX_BYTES) {
        body.destroy();
        throw new Error(`its answer is longer than ${MAX_BYTES} bytes`);
      }
      chunks.push(chunk as Buffer);
    }
    if (statusCode !== 200) throw new Error(`it answers ${statusCode}`);
    try {
      return JSON.parse(Buffer.concat(chunks).toString());
    } catch {
      throw new Error('its answer is not JSON');
    }
  }
}

/** Those that can check a signature of the one algorithm. */
async function usableKeys(set: unknown, algorithm: string): Promise<KnownKey[]> {
  const keys = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : null;
  if (!Array.isArray(keys)) throw new Error('its answer is no set of keys');
  const usable: KnownKey[] = [];
  for (const jwk of keys.slice(0, KEYS_MAX_COUNT) as JWK[]) {
    if (typeof jwk !== 'object' || jwk === null || !fits(jwk, algorithm)) continue;
    const key = await importJWK({ ...jwk, alg: algorithm }, algorithm).catch(() => null);
    if (key && !isTooShort(key)) usable.push({ kid: typeof jwk.kid === 'string' ? jwk.kid : undefined, key });
  }
  return usable;
}

/** RFC 7518 section 3.3: with such a key every signature would be refused. */
export function isTooShort(key: Key | CryptoKey): boolean {
  if (key instanceof Uint8Array) return false;
  const { modulusLength } = key.algorithm as { modulusLength?: number };
  return modulusLength !== undefined && modulusLength < 2048;
}

const KEY_TYPES: Readonly<Record<string, string>> = { RS: 'RSA', PS: 'RSA', ES: 'EC', Ed: 'OKP' };

function fits({ kty, alg, use, d }: JWK, algorithm: string): boolean {
  // A private key in a public set is a mistake that is not made worse.
  return (
    kty === KEY_TYPES[algorithm.slice(0, 2)] &&
    (alg ?? algorithm) === algorithm &&
    (use ?? 'sig') === 'sig' &&
    d === undefined
  );
}

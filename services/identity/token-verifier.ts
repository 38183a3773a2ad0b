import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.js';
import { CredentialRefused } from './credential-refused.js';
import { hasDuplicateMembers } from './has-duplicate-members.js';
import { type Identity, isRole } from './identity.js';

export interface TokenVerifierOptions {
  /** Gives the key of a token: an imported one, or one of the configured set. Never looks where a token points. */
  readonly key: JWTVerifyGetKey;
  /** The one that is accepted. */
  readonly algorithm: string;
  readonly issuer: string;
  readonly audience: string;
  readonly tenantClaim: string;
  readonly rolesClaim: string;
  readonly clock: Pick<Clock, 'nowMs'>;
}

const TOKEN_MAX_CHARS_COUNT = 8192;
const FORM = /^([\w-]+)\.([\w-]+)\.[\w-]+$/;
const KEPT_MAX_COUNT = 10_000;
const KEPT_MAX_BYTES = 16 * 1024 * 1024;

interface Verified {
  readonly identity: Identity;
  readonly expiresAtMs: number;
}

/**
 * Turns tokens into identities. A token that was verified costs no signature check until it expires. Kept by its whole text, which
 * is an exact comparison without the price of a hash; refused ones are not kept, so strangers fill nothing.
 */
export class TokenVerifier {
  readonly #options: TokenVerifierOptions;
  readonly #verified = new LRUCache<string, Verified>({
    max: KEPT_MAX_COUNT,
    maxSize: KEPT_MAX_BYTES,
    sizeCalculation: (_verified, token) => 2 * token.length + 512,
  });

  constructor(options: TokenVerifierOptions) {
    this.#options = options;
  }

  /** At once where it was verified before. Rejects with CredentialRefused. */
  verify(token: string): Identity | Promise<Identity> {
    return this.known(token) ?? this.#verifyAnew(token, this.#options.clock.nowMs());
  }

  /** Of one that was verified before; null: it has to be. */
  known(token: string): Identity | null {
    const kept = this.#verified.get(token);
    return kept && this.#options.clock.nowMs() < kept.expiresAtMs ? kept.identity : null;
  }

  async #verifyAnew(token: string, nowMs: number): Promise<Identity> {
    this.#verified.delete(token);
    checkForm(token);
    const payload = await this.#payloadOf(token, nowMs);
    const expiresAtMs = Number(payload.exp) * 1000;
    const identity = { ...identityOf(payload, this.#options), expiresAtMs };
    this.#verified.set(token, { identity, expiresAtMs });
    return identity;
  }

  async #payloadOf(token: string, nowMs: number): Promise<JWTPayload> {
    const { key, algorithm, issuer, audience } = this.#options;
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [algorithm],
        issuer,
        audience,
        requiredClaims: ['exp'],
        currentDate: new Date(nowMs),
      });
      return payload;
    } catch (error) {
      throw new CredentialRefused(error instanceof errors.JWTExpired ? 'expired' : 'invalid', error);
    }
  }
}

/** What can be seen without a key: its length before anything is decoded, and no member that means two things. */
function checkForm(token: string): void {
  const [, header, payload] = token.length <= TOKEN_MAX_CHARS_COUNT ? (FORM.exec(token) ?? []) : [];
  if (header === undefined || payload === undefined)
    throw new CredentialRefused('invalid', 'no token by its form');
  try {
    const texts = [header, payload].map((part) => Buffer.from(part, 'base64url').toString());
    const [head] = texts.map((text): unknown => JSON.parse(text));
    if (texts.some(hasDuplicateMembers)) throw new CredentialRefused('invalid', 'a member is named twice');
    // No extension is understood here (RFC 7515 section 4.1.11).
    if (typeof head !== 'object' || head === null || 'crit' in head || 'b64' in head)
      throw new CredentialRefused('invalid', 'a header that is not understood');
  } catch (error) {
    throw error instanceof CredentialRefused ? error : new CredentialRefused('invalid', error);
  }
}

function identityOf(payload: JWTPayload, { tenantClaim, rolesClaim }: TokenVerifierOptions): Identity {
  const claim = (name: string) => (Object.hasOwn(payload, name) ? payload[name] : undefined);
  const name = typeof payload.sub === 'string' ? payload.sub.slice(0, 128) : 'token';
  const roles = textsOf(claim(rolesClaim)).filter(isRole);
  return Object.freeze({ name, roles, tenants: [...new Set(textsOf(claim(tenantClaim)))] });
}

/** A text, a number or a list of them; of anything else nothing is taken. */
function textsOf(claim: unknown): string[] {
  const values = Array.isArray(claim) ? claim : [claim];
  return values.flatMap((value) =>
    typeof value === 'string' ? [value] : Number.isSafeInteger(value) ? [String(value)] : [],
  );
}

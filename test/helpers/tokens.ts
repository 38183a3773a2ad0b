import {
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose';

export const ISSUER = 'https://issuer.example';
export const AUDIENCE = 'dashcache';
export const SECRET = 'a secret of tests that is long enough for every hash: 64 bytes and more';

export interface TokenOptions {
  readonly header?: Readonly<Record<string, unknown>>;
  /** Members of the payload; undefined takes one of the usual away. */
  readonly claims?: JWTPayload;
  /** Default: now. */
  readonly nowMs?: number;
}

export interface Mint {
  readonly algorithm: string;
  /** A token that lives an hour, for ISSUER and AUDIENCE, of a reader, unless the claims say otherwise. */
  token(options?: TokenOptions): Promise<string>;
}

/** Signs with a secret. */
export function secretMint(secret = SECRET, algorithm = 'HS256'): Mint {
  const key = new TextEncoder().encode(secret);
  return { algorithm, token: (options) => signed(options, { key, algorithm, kid: null }) };
}

export interface KeyMint extends Mint {
  readonly publicPem: string;
  readonly publicJwk: JWK;
}

/** Signs with a new pair of keys. */
export async function keyMint(algorithm: string, kid: string | null = null): Promise<KeyMint> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return {
    algorithm,
    publicPem: await exportSPKI(publicKey),
    publicJwk: { ...(await exportJWK(publicKey)), alg: algorithm, use: 'sig', ...(kid !== null && { kid }) },
    token: (options) => signed(options, { key: privateKey, algorithm, kid }),
  };
}

function signed(
  { header, claims, nowMs = Date.now() }: TokenOptions = {},
  { key, algorithm, kid }: { key: CryptoKey | Uint8Array; algorithm: string; kid: string | null },
): Promise<string> {
  const nowS = Math.floor(nowMs / 1000);
  const usual = { iss: ISSUER, aud: AUDIENCE, sub: 'somebody', roles: ['reader'], exp: nowS + 3600 };
  // What is undefined is left out of JSON.
  const payload = JSON.parse(JSON.stringify({ ...usual, ...claims })) as JWTPayload;
  return new SignJWT(payload)
    .setProtectedHeader({ alg: algorithm, ...(kid !== null && { kid }), ...header })
    .sign(key);
}

import { createHash } from 'node:crypto';

/** What a key is made of: text, nothing, or a list of the same. */
export type KeyPart = string | null | readonly KeyPart[];

/** Identity of one stored result. Both hashes are base64url text of 24 bytes. */
export interface CacheKey {
  readonly hash: string;
  /** Of the tenant alone: checked again in the stored frame (invariant 6). */
  readonly tenantHash: string;
}

/** Bytes of a hash inside keys and frames: 192 bits, far beyond any accidental collision. */
export const HASH_BYTES = 24;

/**
 * Of the frames that entries are stored as. It is part of every key, and so of the names of an entry, its lease and its error: two
 * versions that share a Redis while one takes over from the other neither read nor overwrite what the other has stored.
 */
export const FRAME_VERSION = 1;

/** The key of a list of parts under one tenant; the tenant is part of the hash by construction. */
export function makeKey(tenant: string | null, parts: readonly KeyPart[]): CacheKey {
  return { hash: hashParts([`frame ${FRAME_VERSION}`, tenant, parts]), tenantHash: hashParts([tenant]) };
}

export function hashParts(parts: readonly KeyPart[]): string {
  return createHash('sha256')
    .update(encodeParts(parts))
    .digest()
    .subarray(0, HASH_BYTES)
    .toString('base64url');
}

/**
 * Typed and length-prefixed, so that two lists encode alike only when they are alike: `["a","bc"]` is not `["ab","c"]`,
 * null is not "null", and a list is not its elements. UTF-16 keeps even lone surrogates apart, which UTF-8 would merge.
 */
export function encodeParts(parts: readonly KeyPart[]): Buffer {
  const chunks: Buffer[] = [];
  pushList(parts, chunks);
  return Buffer.concat(chunks);
}

function pushPart(part: KeyPart, chunks: Buffer[]): void {
  if (part === null) chunks.push(head('n', 0));
  else if (typeof part === 'string') {
    const bytes = Buffer.from(part, 'utf16le');
    chunks.push(head('s', bytes.length), bytes);
  } else pushList(part, chunks);
}

function pushList(parts: readonly KeyPart[], chunks: Buffer[]): void {
  chunks.push(head('l', parts.length));
  for (const part of parts) pushPart(part, chunks);
}

function head(type: 'n' | 's' | 'l', length: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.write(type, 0, 'latin1');
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

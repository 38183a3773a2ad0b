import { hash } from 'node:crypto';

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
  const digest = hash('sha256', encodeParts(parts), 'buffer');
  return digest.subarray(0, HASH_BYTES).toString('base64url');
}

/** Before each part: its type, and how long it is. */
const HEAD_BYTES = 5;
const TYPES = { null: 0x6e, string: 0x73, list: 0x6c } as const;

/**
 * Typed and length-prefixed, so that two lists encode alike only when they are alike: `["a","bc"]` is not `["ab","c"]`,
 * null is not "null", and a list is not its elements. UTF-16 keeps even lone surrogates apart, which UTF-8 would merge.
 */
export function encodeParts(parts: readonly KeyPart[]): Buffer {
  // In one piece: every read makes a key, and many small buffers cost more than all else of it.
  const bytes = Buffer.allocUnsafe(bytesOf(parts));
  writePart(parts, { bytes, at: 0 });
  return bytes;
}

function bytesOf(part: KeyPart): number {
  if (part === null) return HEAD_BYTES;
  if (typeof part === 'string') return HEAD_BYTES + 2 * part.length;
  return part.reduce((sum: number, each) => sum + bytesOf(each), HEAD_BYTES);
}

function writePart(part: KeyPart, place: { readonly bytes: Buffer; at: number }): void {
  if (part === null) writeHead(TYPES.null, 0, place);
  else if (typeof part === 'string') {
    writeHead(TYPES.string, 2 * part.length, place);
    place.at += place.bytes.write(part, place.at, 'utf16le');
  } else {
    writeHead(TYPES.list, part.length, place);
    for (const each of part) writePart(each, place);
  }
}

function writeHead(type: number, length: number, place: { readonly bytes: Buffer; at: number }): void {
  place.bytes.writeUInt8(type, place.at);
  place.bytes.writeUInt32BE(length, place.at + 1);
  place.at += HEAD_BYTES;
}

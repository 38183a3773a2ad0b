import { crc32 } from 'node:zlib';
import { Body } from './body.js';
import type { Entry } from './entry.js';
import { type CacheKey, FRAME_VERSION, HASH_BYTES } from './key.js';
import type { FrameFault } from './observer.js';
import { GENERATION_HALF_BYTES, type Generation, ROOT_BYTES, type Stamp, stampBytes } from './stamp.js';

const MAGIC = Buffer.from('dche', 'latin1');
const ETAG_BYTES = 16;
const CODINGS = ['identity', 'br'] as const;

/** Byte offsets of a frame's head; the generations follow it, then the body. */
const AT = {
  magic: 0,
  version: 4,
  coding: 5,
  generationsCount: 6,
  keyHash: 8,
  tenantHash: 8 + HASH_BYTES,
  contentHash: 8 + 2 * HASH_BYTES,
  etag: 8 + 3 * HASH_BYTES,
  root: 8 + 3 * HASH_BYTES + ETAG_BYTES,
  storedAtMs: 112,
  staleAtMs: 120,
  deleteAtMs: 128,
  generatedAtMs: 136,
  identityBytes: 144,
  bodyBytes: 148,
  checksum: 152,
} as const;
const HEAD_BYTES = 156;

/** Where in a frame is what Redis compares by itself, without the rest: byte offsets, and the head's length. */
export const FRAME = {
  form: AT.magic,
  coding: AT.coding,
  generationsCount: AT.generationsCount,
  keyHash: AT.keyHash,
  root: AT.root,
  staleAtMs: AT.staleAtMs,
  checksum: AT.checksum,
  headBytes: HEAD_BYTES,
  /** Stands for the checksum of what is too short to have one. */
  noMark: '?',
} as const;

/** How a frame of this version begins. */
export const FRAME_FORM = Buffer.concat([MAGIC, Buffer.of(FRAME_VERSION)]);

/** An entry as layer two keeps it: a head that is read without parsing, then the br bytes (identity for small bodies). */
export async function encodeFrame(entry: Entry): Promise<Buffer> {
  const coding = entry.body.isCoded ? 'br' : 'identity';
  const body = await entry.body.bytes(coding);
  const { root, generations } = entry.stamp;
  const frame = Buffer.alloc(HEAD_BYTES + generations.length * 2 * GENERATION_HALF_BYTES + body.length);
  MAGIC.copy(frame, AT.magic);
  frame.writeUInt8(FRAME_VERSION, AT.version);
  frame.writeUInt8(CODINGS.indexOf(coding), AT.coding);
  frame.writeUInt16BE(generations.length, AT.generationsCount);
  frame.write(entry.keyHash, AT.keyHash, HASH_BYTES, 'base64url');
  frame.write(entry.tenantHash, AT.tenantHash, HASH_BYTES, 'base64url');
  frame.write(entry.contentHash, AT.contentHash, HASH_BYTES, 'base64url');
  frame.write(entry.etag, AT.etag, ETAG_BYTES, 'base64url');
  frame.write(root, AT.root, ROOT_BYTES, 'hex');
  frame.writeDoubleBE(entry.storedAtMs, AT.storedAtMs);
  frame.writeDoubleBE(entry.staleAtMs, AT.staleAtMs);
  frame.writeDoubleBE(entry.deleteAtMs, AT.deleteAtMs);
  frame.writeDoubleBE(entry.generatedAtMs, AT.generatedAtMs);
  frame.writeUInt32BE(entry.body.identityBytes, AT.identityBytes);
  frame.writeUInt32BE(body.length, AT.bodyBytes);
  let at = HEAD_BYTES;
  for (const { purge, expire } of generations) {
    at += frame.write(purge, at, GENERATION_HALF_BYTES, 'hex');
    at += frame.write(expire, at, GENERATION_HALF_BYTES, 'hex');
  }
  body.copy(frame, at);
  frame.writeUInt32BE(checksumOf(frame), AT.checksum);
  return frame;
}

/**
 * How a frame begins, up to its body, and what that says: a frame of the same key that begins the same says the same. Reading it costs more
 * than all else that a frame does, but for its checksum.
 */
export interface FrameHead {
  /** A copy of its own: it keeps no frame alive, and no pool. */
  readonly bytes: Buffer;
  readonly says: Omit<Entry, 'body'>;
}

/** Of a frame that was decoded to that entry. */
export function headOf(frame: Buffer, entry: Entry): FrameHead {
  const bytes = Buffer.allocUnsafeSlow(bodyAtOf(frame));
  frame.copy(bytes);
  return { bytes, says: said(entry) };
}

/**
 * The entry in a frame, or why it cannot be believed: whatever does not check out is a miss. `asked`: a stamp that it may well have;
 * `known`: how the last frame of the key began.
 */
export function decodeFrame(
  frame: Buffer,
  key: CacheKey,
  { asked = null, known = null }: { asked?: Stamp | null; known?: FrameHead | null } = {},
): Entry | FrameFault {
  if (known && beginsAs(frame, known, key)) {
    return isIntact(frame) ? withBody(known.says, bodyIn(frame, known.bytes.length)) : 'checksum';
  }
  const fault = faultOf(frame, key);
  if (fault) return fault;
  const bodyAt = bodyAtOf(frame);
  return {
    keyHash: key.hash,
    tenantHash: key.tenantHash,
    contentHash: frame.toString('base64url', AT.contentHash, AT.contentHash + HASH_BYTES),
    etag: frame.toString('base64url', AT.etag, AT.etag + ETAG_BYTES),
    // Shared by all entries of these tags: a stamp of its own is larger than many a panel.
    stamp: asked && hasStamp(frame, asked, bodyAt) ? asked : stampIn(frame, bodyAt),
    storedAtMs: frame.readDoubleBE(AT.storedAtMs),
    staleAtMs: frame.readDoubleBE(AT.staleAtMs),
    deleteAtMs: frame.readDoubleBE(AT.deleteAtMs),
    generatedAtMs: frame.readDoubleBE(AT.generatedAtMs),
    body: bodyIn(frame, bodyAt),
  };
}

/** Field by field: what is made by leaving one out, or by adding one, takes the engine longer than reading the head. */
function said(entry: Omit<Entry, 'body'>): Omit<Entry, 'body'> {
  const { keyHash, tenantHash, contentHash, etag, stamp } = entry;
  const { storedAtMs, staleAtMs, deleteAtMs, generatedAtMs } = entry;
  return { keyHash, tenantHash, contentHash, etag, stamp, storedAtMs, staleAtMs, deleteAtMs, generatedAtMs };
}

function withBody(says: Omit<Entry, 'body'>, body: Body): Entry {
  const { keyHash, tenantHash, contentHash, etag, stamp } = says;
  const { storedAtMs, staleAtMs, deleteAtMs, generatedAtMs } = says;
  return {
    keyHash,
    tenantHash,
    contentHash,
    etag,
    stamp,
    storedAtMs,
    staleAtMs,
    deleteAtMs,
    generatedAtMs,
    body,
  };
}

/** Then it has the length that it says, too: the head says how long the body is. */
function beginsAs(frame: Buffer, { bytes, says }: FrameHead, key: CacheKey): boolean {
  if (says.keyHash !== key.hash || says.tenantHash !== key.tenantHash) return false;
  if (frame.length !== bytes.length + bytes.readUInt32BE(AT.bodyBytes)) return false;
  return frame.compare(bytes, 0, bytes.length, 0, bytes.length) === 0;
}

function bodyIn(frame: Buffer, bodyAt: number): Body {
  const coding = codingOf(frame) ?? 'identity';
  return new Body(coding, frame.subarray(bodyAt), frame.readUInt32BE(AT.identityBytes));
}

function bodyAtOf(frame: Buffer): number {
  return HEAD_BYTES + frame.readUInt16BE(AT.generationsCount) * 2 * GENERATION_HALF_BYTES;
}

function hasStamp(frame: Buffer, stamp: Stamp, bodyAt: number): boolean {
  const { root, generations } = stampBytes(stamp);
  return (
    frame.subarray(HEAD_BYTES, bodyAt).equals(generations) &&
    frame.subarray(AT.root, AT.root + ROOT_BYTES).equals(root)
  );
}

function stampIn(frame: Buffer, bodyAt: number): Stamp {
  const generations: Generation[] = [];
  for (let at = HEAD_BYTES; at < bodyAt; at += 2 * GENERATION_HALF_BYTES) {
    const expireAt = at + GENERATION_HALF_BYTES;
    generations.push({
      purge: frame.toString('hex', at, expireAt),
      expire: frame.toString('hex', expireAt, expireAt + GENERATION_HALF_BYTES),
    });
  }
  return { root: frame.toString('hex', AT.root, AT.root + ROOT_BYTES), generations };
}

/** Tells the frames of one key apart without reading them. A copy: it keeps no frame alive. */
export function markOf(frame: Buffer): Buffer {
  return Buffer.from(frame.length < HEAD_BYTES ? FRAME.noMark : frame.subarray(AT.checksum, HEAD_BYTES));
}

/** Checked in the order in which the fields become readable; the version before all that a newer format may have moved. */
function faultOf(frame: Buffer, key: CacheKey): FrameFault | null {
  if (frame.length < HEAD_BYTES || !frame.subarray(0, MAGIC.length).equals(MAGIC)) return 'magic';
  if (frame.readUInt8(AT.version) !== FRAME_VERSION) return 'version';
  if (frame.length !== bodyAtOf(frame) + frame.readUInt32BE(AT.bodyBytes)) return 'length';
  if (!isIntact(frame)) return 'checksum';
  if (frame.toString('base64url', AT.keyHash, AT.keyHash + HASH_BYTES) !== key.hash) return 'key';
  if (frame.toString('base64url', AT.tenantHash, AT.tenantHash + HASH_BYTES) !== key.tenantHash)
    return 'tenant';
  const coding = codingOf(frame);
  const isPlain = coding === 'identity';
  if (isPlain && frame.readUInt32BE(AT.identityBytes) !== frame.readUInt32BE(AT.bodyBytes)) return 'body';
  return coding === undefined ? 'body' : null;
}

function codingOf(frame: Buffer): (typeof CODINGS)[number] | undefined {
  return CODINGS[frame.readUInt8(AT.coding)];
}

function isIntact(frame: Buffer): boolean {
  return frame.readUInt32BE(AT.checksum) === checksumOf(frame);
}

/** Over every byte but the checksum's own four. */
function checksumOf(frame: Buffer): number {
  return crc32(frame.subarray(AT.checksum + 4), crc32(frame.subarray(0, AT.checksum)));
}

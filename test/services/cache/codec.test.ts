import { brotliCompressSync, crc32 } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import { Body } from '../../../services/cache/body.js';
import { decodeFrame, encodeFrame, headOf } from '../../../services/cache/codec.js';
import type { Entry } from '../../../services/cache/entry.js';
import { type CacheKey, makeKey } from '../../../services/cache/key.js';
import { newGeneration, newRoot, type Stamp } from '../../../services/cache/stamp.js';

const key = makeKey('7', ['metrics']);

// The frame as it is documented, said once more by hand: a change of the format must change its version too.
const VERSION_AT = 4;
const CODING_AT = 5;
const IDENTITY_BYTES_AT = 144;
const CHECKSUM_AT = 152;
const HEAD_BYTES = 156;

function entryOf(given: { key?: CacheKey; text?: string; generationsCount?: number }): Entry {
  const { hash, tenantHash } = given.key ?? key;
  return {
    keyHash: hash,
    tenantHash,
    stamp: {
      root: '00112233445566778899aabbccddeeff',
      generations: Array.from({ length: given.generationsCount ?? 2 }, (_, i) => ({
        purge: `${i}`.padStart(16, 'a'),
        expire: `${i}`.padStart(16, 'b'),
      })),
    },
    storedAtMs: 1_780_000_000_000,
    staleAtMs: 1_780_000_300_000,
    deleteAtMs: 1_780_086_700_000,
    generatedAtMs: 1_779_999_000_000,
    contentHash: 'c'.repeat(32),
    etag: 'e'.repeat(21).concat('A'),
    body: Body.of(Buffer.from(given.text ?? '{"data":1}')),
  };
}

function decoded(frame: Buffer): Entry {
  const entry = decodeFrame(frame, key);
  if (typeof entry === 'string') throw new Error(`refused: ${entry}`);
  return entry;
}

/** An entry's own fields and its identity bytes. */
async function plain(entry: Entry | string): Promise<object> {
  if (typeof entry === 'string') throw new Error(`refused: ${entry}`);
  const { body, ...fields } = entry;
  return { ...fields, identityBytes: body.identityBytes, text: String(await body.bytes('identity')) };
}

function hexOf(bytes: number): fc.Arbitrary<string> {
  return fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((all) => Buffer.from(all).toString('hex'));
}

function base64urlOf(bytes: number): fc.Arbitrary<string> {
  return hexOf(bytes).map((hex) => Buffer.from(hex, 'hex').toString('base64url'));
}

t.test('given any entry, its frame gives every field and every byte again', async (t) => {
  const instant = fc.double({ min: 0, max: 8.64e15, noNaN: true });
  const entries = fc.record({
    contentHash: base64urlOf(24),
    etag: base64urlOf(16),
    storedAtMs: instant,
    staleAtMs: instant,
    deleteAtMs: instant,
    generatedAtMs: instant,
    stamp: fc
      .tuple(hexOf(16), fc.array(fc.tuple(hexOf(8), hexOf(8)), { maxLength: 40 }))
      .map(([root, halves]) => ({ root, generations: halves.map(([purge, expire]) => ({ purge, expire })) })),
    text: fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 50 }),
      fc.string({ unit: 'grapheme', minLength: 500, maxLength: 3000 }),
    ),
    tenant: fc.option(fc.string()),
  });
  await fc.assert(
    fc.asyncProperty(entries, async ({ text, tenant, ...fields }) => {
      const itsKey = makeKey(tenant, ['p']);
      const entry: Entry = {
        ...fields,
        keyHash: itsKey.hash,
        tenantHash: itsKey.tenantHash,
        body: Body.of(Buffer.from(text)),
      };
      const frame = await encodeFrame(entry);
      t.strictSame(await plain(decodeFrame(frame, itsKey)), await plain(entry));
      const known = headOf(frame, entry);
      const again = decodeFrame(frame, itsKey, { known });
      t.strictSame(await plain(again), await plain(entry), 'the same by its head, which is known');
    }),
    { numRuns: 300 },
  );
});

t.test(
  'given the stamp that was asked for, the entry shares it; given another, it has its own',
  async (t) => {
    const entry = entryOf({});
    const frame = await encodeFrame(entry);
    const stampOf = (asked: Stamp): Stamp | null => {
      const decoded = decodeFrame(frame, key, { asked });
      return typeof decoded === 'string' ? null : decoded.stamp;
    };
    const same = structuredClone(entry.stamp);
    t.equal(stampOf(same), same);
    const [first, ...others] = entry.stamp.generations;
    const changed = [
      { ...entry.stamp, root: newRoot() },
      { ...entry.stamp, generations: [{ ...newGeneration(), purge: first?.purge ?? '' }, ...others] },
      { ...entry.stamp, generations: [{ ...newGeneration(), expire: first?.expire ?? '' }, ...others] },
      { ...entry.stamp, generations: others },
      { ...entry.stamp, generations: [...entry.stamp.generations, newGeneration()] },
    ];
    for (const asked of changed) t.strictSame(stampOf(asked), entry.stamp);
  },
);

t.test('given a body over 1 KiB, the frame holds its br bytes; else the bytes as they are', async (t) => {
  const large = await encodeFrame(entryOf({ text: 'x'.repeat(2000) }));
  t.ok(large.length < 400);
  const small = await encodeFrame(entryOf({ text: 'y'.repeat(1024) }));
  t.equal(small.length, HEAD_BYTES + 2 * 16 + 1024);
  t.ok(small.includes('y'.repeat(1024)));
});

t.test('given a br body from layer two, it is written again without being decompressed', async (t) => {
  const br = brotliCompressSync('z'.repeat(2000));
  const body = new Body('br', br, 2000);
  const frame = await encodeFrame({ ...entryOf({}), body });
  t.same(frame.subarray(-br.length), br);
  t.equal(body.ready('identity'), undefined);
});

t.test('given any single flipped bit, the frame is refused for the right reason', async (t) => {
  const frame = await encodeFrame(entryOf({}));
  const faultAt = (byte: number): string => {
    if (byte < 4) return 'magic';
    if (byte === VERSION_AT) return 'version';
    if (byte === 6 || byte === 7 || (byte >= 148 && byte < 152)) return 'length';
    return 'checksum';
  };
  const wrong: string[] = [];
  for (let bit = 0; bit < frame.length * 8; bit++) {
    const byte = bit >> 3;
    const flipped = Buffer.from(frame);
    flipped.writeUInt8(flipped.readUInt8(byte) ^ (1 << (bit & 7)), byte);
    for (const known of [null, headOf(frame, decoded(frame))]) {
      const fault = decodeFrame(flipped, key, { known });
      if (fault !== faultAt(byte)) wrong.push(`bit ${bit}: ${JSON.stringify(fault)}, not ${faultAt(byte)}`);
    }
  }
  t.same(wrong, []);
  t.type(decodeFrame(frame, key), 'object', 'the frame itself is good');
});

t.test('given how another frame of the key began, the frame says what it says itself', async (t) => {
  const older = await encodeFrame(entryOf({}));
  const newer = await encodeFrame({ ...entryOf({ text: 'news' }), storedAtMs: 7 });
  const known = headOf(older, decoded(older));
  t.strictSame(await plain(decodeFrame(newer, key, { known })), await plain(decoded(newer)));
  t.equal(decodeFrame(older, makeKey('8', ['metrics']), { known }), 'key', 'of another key');
  t.equal(decodeFrame(older, { ...key, tenantHash: makeKey('8', []).tenantHash }, { known }), 'tenant');
  t.equal(known.bytes.buffer.byteLength, known.bytes.length, 'it keeps nothing else alive');
});

t.test('given a frame cut at any length, it is refused', async (t) => {
  const frame = await encodeFrame(entryOf({}));
  const wrong: number[] = [];
  for (let length = 0; length < frame.length; length++) {
    const expected = length < HEAD_BYTES ? 'magic' : 'length';
    if (decodeFrame(frame.subarray(0, length), key) !== expected) wrong.push(length);
  }
  t.same(wrong, []);
});

t.test('given bytes after the end of a frame, it is refused', async (t) => {
  const frame = await encodeFrame(entryOf({}));
  t.equal(decodeFrame(Buffer.concat([frame, Buffer.alloc(1)]), key), 'length');
  t.equal(decodeFrame(Buffer.concat([frame, frame]), key), 'length');
});

t.test('given a good frame under another key, it is refused', async (t) => {
  const frame = await encodeFrame(entryOf({ key: makeKey('7', ['summary']) }));
  t.equal(decodeFrame(frame, key), 'key');
});

t.test('given a good frame of another tenant, it is refused even if the key were the same', async (t) => {
  const frame = await encodeFrame(entryOf({}));
  t.equal(decodeFrame(frame, { ...key, tenantHash: makeKey('8', []).tenantHash }), 'tenant');
  t.equal(decodeFrame(frame, makeKey('8', ['metrics'])), 'key');
});

t.test('given a newer version of the format, it is refused before anything else of it is read', async (t) => {
  const frame = await encodeFrame(entryOf({}));
  const newer = Buffer.concat([frame, Buffer.from('what a newer version has more')]);
  newer.writeUInt8(2, VERSION_AT);
  t.equal(decodeFrame(newer, key), 'version');
});

t.test('given an unknown coding under a right checksum, it is refused', async (t) => {
  const frame = await encodeFrame(entryOf({}));
  frame.writeUInt8(7, CODING_AT);
  t.equal(decodeFrame(sealed(frame), key), 'body');
});

t.test(
  'given plain bytes of another length than said under a right checksum, they are refused',
  async (t) => {
    const frame = await encodeFrame(entryOf({}));
    frame.writeUInt32BE(9, IDENTITY_BYTES_AT);
    t.equal(decodeFrame(sealed(frame), key), 'body');
  },
);

t.test('given a br body longer than said under a right checksum, it is never made', async (t) => {
  const body = new Body('br', brotliCompressSync('z'.repeat(1_000_000)), 2000);
  const decoded = decodeFrame(await encodeFrame({ ...entryOf({}), body }), key);
  t.type(decoded, 'object');
  if (typeof decoded === 'object') await t.rejects(async () => decoded.body.bytes('identity'));
});

t.test('given any bytes at all, decoding never throws', async (t) => {
  const good = await encodeFrame(entryOf({ text: 'x'.repeat(1500) }));
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.uint8Array({ maxLength: 400 }).map((tail) => Buffer.concat([good.subarray(0, 156), tail])),
    // Whatever a wrong writer may say in a head, under a right checksum.
    fc.uint8Array({ minLength: 150, maxLength: 150 }).map((noise) => {
      const frame = Buffer.from(good);
      frame.set(noise.subarray(0, 100), 56);
      return sealed(frame);
    }),
  );
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(bytes, (all) => {
        const decoded = decodeFrame(Buffer.from(all), key);
        return typeof decoded === 'string' || decoded.keyHash === key.hash;
      }),
      { numRuns: 5_000 },
    ),
  );
});

t.test('given a frame that is part of a larger buffer, the entry keeps only its own bytes', async (t) => {
  const frame = await encodeFrame(entryOf({}));
  const chunk = Buffer.concat([Buffer.alloc(60_000), frame]);
  const decoded = decodeFrame(chunk.subarray(60_000), key);
  if (typeof decoded === 'string') return t.fail(decoded);
  const bytes = decoded.body.ready('identity');
  t.equal(bytes?.buffer.byteLength, bytes?.length);
});

/** The frame with the checksum that its bytes have now. */
function sealed(frame: Buffer): Buffer {
  const head = crc32(frame.subarray(0, CHECKSUM_AT));
  frame.writeUInt32BE(crc32(frame.subarray(CHECKSUM_AT + 4), head), CHECKSUM_AT);
  return frame;
}

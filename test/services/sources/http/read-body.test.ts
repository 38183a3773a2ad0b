import { Readable } from 'node:stream';
import { brotliCompressSync, brotliDecompressSync, deflateSync, gzipSync } from 'node:zlib';
import t from 'tap';
import { readBody } from '../../../../services/sources/http/read-body.js';
import { failure } from '../../../contracts/source-contract.js';
import { bombBytes } from '../../../helpers/scripted-upstream.js';

const MIB = 1024 * 1024;
const body = (bytes: Buffer, pieceBytes = 1000): Readable => {
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, index) =>
    bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes),
  );
  return Readable.from(pieces, { objectMode: false });
};
const peakRssBytes = () => process.resourceUsage().maxRSS * 1024;

t.test('every coding that is asked for is decoded, and pieces may cut a character', async (t) => {
  const text = `${'é😀'.repeat(5000)}\u0000`;
  const codings: [string | null, Buffer][] = [
    [null, Buffer.from(text)],
    ['identity', Buffer.from(text)],
    ['BR', brotliCompressSync(text)],
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
  ];
  for (const [coding, bytes] of codings)
    t.equal(await readBody(body(bytes, 7), coding, MIB), text, String(coding));
});

t.test('the limit is of decoded bytes, to the byte', async (t) => {
  const text = 'x'.repeat(5000);
  t.equal((await readBody(body(gzipSync(text)), 'gzip', 5000)).length, 5000);
  const error = await failure(readBody(body(gzipSync(text)), 'gzip', 4999));
  t.match(error, { code: 'source_wrong_answer', message: /4999 .*max_bytes/ });
});

t.test(
  'a bomb is given up at the limit: the peak of memory stays, and rises where one is unpacked',
  async (t) => {
    const bytes = await bombBytes('br', 150 * MIB);
    t.ok(bytes.length < 100_000);
    const before = peakRssBytes();
    for (let i = 0; i < 5; i++) await failure(readBody(body(bytes), 'br', 4 * MIB));
    t.ok(peakRssBytes() - before < 50 * MIB);
    t.equal(brotliDecompressSync(bytes).length, 150 * MIB + 1);
    t.ok(peakRssBytes() - before > 100 * MIB, 'the control: unpacked, it is seen');
  },
);

t.test('a limit that is met hangs up what feeds the decoder', async (t) => {
  const feeding = Readable.from(
    (function* () {
      for (;;) yield gzipSync('x'.repeat(100_000));
    })(),
  );
  await failure(readBody(feeding, 'gzip', 1000));
  if (!feeding.closed) await new Promise((resolve) => feeding.on('close', resolve));
  t.ok(feeding.destroyed);
});

t.test('what is cut short, of another coding or not UTF-8 is rejected', async (t) => {
  await t.rejects(readBody(body(gzipSync('x'.repeat(1000)).subarray(0, 20)), 'gzip', MIB));
  await t.rejects(readBody(body(brotliCompressSync('x'.repeat(1000)).subarray(0, 5)), 'br', MIB));
  await t.rejects(readBody(body(Buffer.from('x')), 'zstd', MIB), { code: 'source_wrong_answer' });
  await t.rejects(readBody(body(Buffer.from('x')), '__proto__', MIB), { code: 'source_wrong_answer' });
  await t.rejects(readBody(body(Buffer.from([0xc3])), null, MIB), {
    code: 'ERR_ENCODING_INVALID_ENCODED_DATA',
  });
});

import { brotliCompressSync, brotliDecompressSync, constants, gunzipSync } from 'node:zlib';
import t from 'tap';
import { Body, CODED_FROM_BYTES, type Coding } from '../../../services/cache/body.js';

const large = Buffer.from('{"values":['.concat('12345,'.repeat(2000), '0]}'));

t.test('given a body, its identity bytes are ready and its length is known', async (t) => {
  const body = Body.of(large);
  t.same(body.ready('identity'), large);
  t.same(await body.bytes('identity'), large);
  t.equal(body.identityBytes, large.length);
});

t.test('given bodies around 1 KiB, only larger ones offer codings', async (t) => {
  t.equal(CODED_FROM_BYTES, 1024);
  t.equal(Body.of(Buffer.alloc(0)).isCoded, false);
  t.equal(Body.of(Buffer.alloc(1024)).isCoded, false);
  t.equal(Body.of(Buffer.alloc(1025)).isCoded, true);
});

t.test('given a coding asked for, it decompresses to the body and is ready from then on', async (t) => {
  const body = Body.of(large);
  t.equal(body.ready('br'), undefined);
  const br = await body.bytes('br');
  const gzip = await body.bytes('gzip');
  t.same(brotliDecompressSync(br), large);
  t.same(gunzipSync(gzip), large);
  t.ok(br.length < large.length / 2 && gzip.length < large.length / 2);
  t.equal(body.ready('br'), br);
  t.equal(body.ready('gzip'), gzip);
});

for (const coding of ['br', 'gzip', 'identity'] as const)
  t.test(`given 50 readers who ask for ${coding} at once, it is made once`, async (t) => {
    const body = bodyFromBr();
    if (coding === 'br') t.equal(body.ready('br'), body.bytes('br'), 'it is at hand: nothing to wait for');
    const made = await Promise.all(Array.from({ length: 50 }, async () => body.bytes(coding)));
    t.equal(new Set(made).size, 1);
    t.equal(body.ready(coding), made[0]);
    t.equal(await body.bytes(coding), made[0]);
  });

t.test('given 50 readers who ask for br of plain bytes at once, it is made once', async (t) => {
  const body = Body.of(large);
  const made = await Promise.all(Array.from({ length: 50 }, async () => body.bytes('br')));
  t.equal(new Set(made).size, 1);
});

t.test('given br bytes from layer two, identity and gzip are made of them', async (t) => {
  const body = bodyFromBr();
  t.equal(body.ready('identity'), undefined);
  t.same(await body.bytes('identity'), large);
  t.same(gunzipSync(await body.bytes('gzip')), large);
});

t.test('given br bytes that hold more than they claim, they are refused at the claimed length', async (t) => {
  const bomb = brotliCompressSync(Buffer.alloc(50_000_000), {
    params: { [constants.BROTLI_PARAM_QUALITY]: 4 },
  });
  t.ok(bomb.length < 1000, 'a bomb');
  const before = process.memoryUsage().rss;
  const body = new Body('br', bomb, 2000);
  await t.rejects(async () => body.bytes('identity'));
  await t.rejects(async () => body.bytes('gzip'));
  t.equal(body.ready('identity'), undefined);
  t.ok(process.memoryUsage().rss - before < 40_000_000, 'the bomb did not go off');
});

t.test('given br bytes that hold less than they claim, they are refused', async (t) => {
  const body = new Body('br', brotliCompressSync(large), large.length + 1);
  await t.rejects(async () => body.bytes('identity'), /length/);
});

t.test('given br bytes that are none, they are refused, and again when asked again', async (t) => {
  const body = new Body('br', Buffer.from('this is not brotli at all'), 2000);
  await t.rejects(async () => body.bytes('identity'));
  await t.rejects(async () => body.bytes('identity'));
});

t.test('given gzip bytes alone, nothing else can be made', async (t) => {
  const body = new Body('gzip', Buffer.from('x'), 2000);
  await t.rejects(async () => body.bytes('identity'), /neither/);
});

t.test('given br bytes of an empty body, it is empty', async (t) => {
  const body = new Body('br', brotliCompressSync(Buffer.alloc(0)), 0);
  t.equal((await body.bytes('identity')).length, 0);
});

t.test('given a small body, it weighs its own bytes', async (t) => {
  t.equal(Body.of(Buffer.alloc(100)).fullBytes, 100);
  t.equal(Body.of(Buffer.alloc(1024)).fullBytes, 1024);
});

t.test('given a body with all codings made, it weighs them all', async (t) => {
  const body = Body.of(large);
  const [br, gzip] = [await body.bytes('br'), await body.bytes('gzip')];
  t.equal(body.fullBytes, large.length + br.length + gzip.length);
});

t.test('given a body from layer two, it already weighs what readers will have it make', async (t) => {
  const chart = { labels: [] as string[], series: [] as number[] };
  for (let day = 0, noise = 1; day < 365; day++) {
    noise = (noise * 48_271) % 2_147_483_647;
    chart.labels.push(new Date(Date.UTC(2025, 0, day)).toISOString());
    chart.series.push(noise % 100_000);
  }
  for (const bytes of [large, Buffer.from(JSON.stringify(chart))]) {
    const body = new Body('br', brotliCompressSync(bytes), bytes.length);
    const weighed = body.fullBytes;
    for (const coding of ['identity', 'gzip'] as const) await body.bytes(coding);
    t.ok(weighed >= body.fullBytes * 0.97, `${weighed} weighed, ${body.fullBytes} held`);
  }
});

t.test('given bytes that are part of a larger buffer, only their own memory is kept', async (t) => {
  // Node's pool gives 8 KiB for small bytes, a compressor 16 KiB, a socket 64 KiB: none of it is weighed.
  const text = 'x'.repeat(1200);
  const fresh = Body.of(Buffer.from(text));
  const stored = new Body(
    'br',
    Buffer.concat([Buffer.alloc(60_000), brotliCompressSync(text)]).subarray(60_000),
    1200,
  );
  const codings: readonly Coding[] = ['identity', 'br', 'gzip'];
  for (const body of [fresh, stored, Body.of(Buffer.from('small'))])
    for (const coding of codings) {
      const bytes = await body.bytes(coding);
      t.equal(bytes.buffer.byteLength, bytes.length, coding);
    }
});

function bodyFromBr(): Body {
  return new Body('br', brotliCompressSync(large), large.length);
}

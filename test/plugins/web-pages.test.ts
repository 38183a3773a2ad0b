import { readdirSync } from 'node:fs';
import t, { type Test } from 'tap';
import { buildApp } from '../../app.js';
import { smallConfig, smallFolder } from './fixtures/small-service.js';

const ASSETS = readdirSync(new URL('../../dist/web/assets', import.meta.url));

async function small(t: Test, base = '') {
  const app = await buildApp(smallConfig(smallFolder(t), { BASE_PATH: base }));
  t.teardown(() => app.close());
  return app;
}

for (const base of ['', '/dash'])
  t.test(`a page and all that it names are there; under ${base || '/'}`, async (t) => {
    const app = await small(t, base);
    for (const path of ['/', '/monitoring']) {
      const page = await app.inject(`${base}${path}`);
      t.equal(page.statusCode, 200);
      t.match(page.headers, {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        'content-security-policy': /^default-src 'self';/,
      });
      const named = [...page.body.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(
        ([, name = '']) => name,
      );
      t.ok(named.length >= 3);
      for (const name of named) {
        const asset = await app.inject(`${base}/${name}`);
        t.equal(asset.statusCode, 200, name);
        t.equal(asset.headers['cache-control'], 'public, max-age=31536000, immutable');
      }
      const etag = page.headers.etag as string;
      const again = await app.inject({ url: `${base}${path}`, headers: { 'if-none-match': etag } });
      t.equal(again.statusCode, 304);
    }
  });

t.test('the address of the service without its slash leads to the page', async (t) => {
  const app = await small(t, '/dash');
  const { statusCode, headers } = await app.inject('/dash');
  t.same([statusCode, headers.location], [308, '/dash/']);
});

t.test('an asset comes in the coding that is asked for, prepared when it was built', async (t) => {
  const app = await small(t);
  const script = ASSETS.find((name) => /^jsx.*\.js$|^index.*\.js$/.test(name)) ?? '';
  for (const coding of ['br', 'gzip']) {
    const { headers, rawPayload } = await app.inject({
      url: `/assets/${script}`,
      headers: { 'accept-encoding': coding },
    });
    t.equal(headers['content-encoding'], coding);
    t.match(String(headers.vary), /accept-encoding/i);
    t.equal(Number(headers['content-length']), rawPayload.length);
  }
});

t.test('nothing beside the assets can be asked for', async (t) => {
  const app = await small(t);
  for (const path of ['../index.html', '%2e%2e/index.html', '..%2findex.html', '.env', '', 'no.js']) {
    const answer = await app.inject(`/assets/${path}`);
    t.ok([403, 404].includes(answer.statusCode), `${path}: ${answer.statusCode}`);
    t.match(answer.headers['content-type'], /problem\+json/, path);
  }
});

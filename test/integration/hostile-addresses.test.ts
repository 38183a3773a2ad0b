import t, { type Test } from 'tap';
import { type ListeningApp, listeningApp } from './support/listening-app.js';
import { rawAsk } from './support/raw-ask.js';
import { shopFolder } from './support/shop.js';
import { TYPED } from './support/typed.js';

async function service(t: Test): Promise<ListeningApp> {
  return listeningApp(t, { folder: await shopFolder(t, { 'typed.yaml': TYPED }) });
}

t.test('bytes that may not stand in an address: 400, as no HTTP request', async (t) => {
  const { url } = await service(t);
  for (const target of [
    '/dashboards/typed/metrics?s=\xed\xa0\x80',
    '/dashboards/typed/metrics?n= 1',
    '/dashboards/\xff',
    '/a\0b',
    'dashboards',
  ]) {
    const { status, body } = await rawAsk(url, target);
    t.equal(status, 400, JSON.stringify(target));
    t.match(JSON.parse(body), { status: 400, code: 'request_malformed' });
  }
});

t.test('100 KB anywhere in the address: refused by its length, and the service goes on', async (t) => {
  const { url, get } = await service(t);
  const long = 'z'.repeat(100_000);
  for (const target of [
    `/dashboards/typed/metrics?s=${long}`,
    `/dashboards/typed/metrics?${long}=1`,
    `/dashboards/typed/charts/${long}`,
    `/dashboards/${long}`,
    `/${long}`,
  ]) {
    const { status } = await rawAsk(url, target);
    t.ok([400, 414, 431].includes(status), `${target.slice(0, 40)}: ${status}`);
  }
  t.equal((await get('/dashboards/typed/metrics')).status, 200);
});

t.test('hostile paths: 400 or 404, and never the data of another address', async (t) => {
  const { url } = await service(t);
  const segments = [
    '%00',
    'shop%00',
    '%ED%A0%80',
    '%',
    '%zz',
    '%2e%2e',
    '..',
    '%2F',
    'shop%2Fmetrics',
    'typed%2f..%2fshop',
    '__proto__',
    'constructor',
    'toString',
    '%5c',
    'a'.repeat(500),
    "'%20OR%201=1--",
    '\xff',
    '%E2%80%AE',
    '*',
    'typed;x=1',
    '%23',
    '%3F',
  ];
  for (const segment of segments)
    for (const target of [
      `/dashboards/${segment}`,
      `/dashboards/${segment}/metrics`,
      `/dashboards/typed/charts/${segment}`,
      `/dashboards/typed/options/${segment}`,
      `/dashboards/${segment}/charts/one`,
      `/${segment}`,
    ]) {
      const { status, head, body } = await rawAsk(url, target);
      t.ok([400, 404, 414].includes(status), `${target.slice(0, 60)}: ${status}`);
      t.match(head, /content-type: application\/problem\+json/i);
      t.equal(JSON.parse(body).status, status);
    }
});

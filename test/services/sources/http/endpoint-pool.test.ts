import type { LookupAddress } from 'node:dns';
import { isIPv6 } from 'node:net';
import t from 'tap';
import { checkedLookup, type Resolve } from '../../../../services/sources/http/endpoint-pool.js';
import {
  isForbiddenAddress,
  isLoopbackAddress,
} from '../../../../services/sources/http/forbidden-address.js';
import { failure, limits } from '../../../contracts/source-contract.js';
import { json, redirect, scriptedUpstream } from '../../../helpers/scripted-upstream.js';
import { openForTest, requestOf } from './http-fixture.js';

const FORBIDDEN = [
  ...[
    '169.254.169.254',
    '169.254.0.1',
    '169.254.170.2',
    '0.0.0.0',
    '0.1.2.3',
    '224.0.0.1',
    '255.255.255.255',
  ],
  ...['240.0.0.1', '100.100.100.200', '192.0.0.192', '::', 'fe80::1', 'fe80::1%eth0', 'febf::1', 'ff02::1'],
  ...[
    'fd00:ec2::254',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
  ],
];
const ALLOWED = [
  '10.0.0.1',
  '192.168.1.1',
  '172.16.0.1',
  '8.8.8.8',
  '127.0.0.1',
  '::1',
  '2001:db8::1',
  'fd00::1',
  '::ffff:10.0.0.1',
];

const addresses = (...texts: string[]): LookupAddress[] =>
  texts.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
const resolving =
  (...texts: string[]): Resolve =>
  async () =>
    addresses(...texts);

/** What a connection to a name gets told. */
function lookedUp(hostname: string, resolve: Resolve, all = true): Promise<unknown> {
  return new Promise((told) => {
    checkedLookup(resolve)(hostname, { all }, (error, found) => told(error ? error.message : found));
  });
}

t.test(
  'link-local, metadata, unspecified, multicast: forbidden in every spelling; the rest is allowed',
  (t) => {
    for (const address of FORBIDDEN) t.ok(isForbiddenAddress(address), address);
    for (const address of ALLOWED) t.notOk(isForbiddenAddress(address), address);
    for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])
      t.ok(isLoopbackAddress(address));
    t.notOk(isLoopbackAddress('10.0.0.1'));
    t.end();
  },
);

t.test('a name: one bad address among good ones spoils it; loopback is only for localhost', async (t) => {
  t.same(
    await lookedUp('reports.example', resolving('10.0.0.1', '2001:db8::1')),
    addresses('10.0.0.1', '2001:db8::1'),
  );
  t.same(await lookedUp('reports.example', resolving('10.0.0.1'), false), '10.0.0.1');
  for (const bad of ['169.254.169.254', 'fe80::1', '::ffff:169.254.169.254', '127.0.0.1', '::1'])
    t.match(await lookedUp('reports.example', resolving('10.0.0.1', bad)), 'where nothing is asked', bad);
  t.match(await lookedUp('localhost.example', resolving('127.0.0.1')), 'nothing is asked');
  for (const name of ['localhost', 'LOCALHOST', 'api.localhost'])
    t.same(await lookedUp(name, resolving('127.0.0.1')), addresses('127.0.0.1'), name);
  t.match(await lookedUp('reports.example', resolving()), 'no address');
  t.match(await lookedUp('reports.example', () => Promise.reject(new Error('ENOTFOUND'))), 'ENOTFOUND');
});

t.test(
  'the connection is made to the address that was checked, and the name is resolved once for it',
  async (t) => {
    const upstream = await scriptedUpstream(t);
    upstream.on('/x', json([{ n: 1 }]));
    const asked: string[] = [];
    const port = new URL(upstream.url).port;
    // The second answer of a rebinding name: it must never be asked for.
    const rebinding: Resolve = async (hostname) => {
      asked.push(hostname);
      return addresses(asked.length === 1 ? '127.0.0.1' : '169.254.169.254');
    };
    const { source } = openForTest(
      t,
      { url: `http://api.localhost:${port}`, concurrencyCount: 1 },
      { resolve: rebinding },
    );
    for (let i = 0; i < 3; i++)
      t.same((await source.query(requestOf('/x'), new Map(), limits())).rows, [[1]]);
    t.same(asked, ['api.localhost']);
    t.equal(upstream.asked[0]?.headers.host, `api.localhost:${port}`);
  },
);

t.test('a name that leads to metadata: source_down, nothing is connected, the state says why', async (t) => {
  const { source, observed } = openForTest(
    t,
    { url: 'http://reports.example' },
    { resolve: resolving('169.254.169.254') },
  );
  const error = await failure(source.query(requestOf('/x'), new Map(), limits()));
  t.equal(error.code, 'source_down');
  t.notMatch(error.message, /169|example/);
  t.match(source.state(), { ok: false, detail: 'reports.example resolves to 169.254.169.254' });
  t.equal(observed.length, 0);
});

t.test('a redirect, also to the same host, is never followed', async (t) => {
  const upstream = await scriptedUpstream(t);
  upstream.on('/a', redirect('/b'));
  upstream.on('/b', json([]));
  const { source } = openForTest(t, { url: upstream.url });
  t.match(await failure(source.query(requestOf('/a'), new Map(), limits())), { code: 'source_wrong_answer' });
  t.equal(upstream.callsOf('/b'), 0);
});

t.test('a proxy of the environment is not used', async (t) => {
  const upstream = await scriptedUpstream(t);
  const proxy = await scriptedUpstream(t);
  upstream.on('/x', json([]));
  const before = { ...process.env };
  t.teardown(() => {
    process.env = before;
  });
  for (const name of ['http_proxy', 'HTTP_PROXY', 'ALL_PROXY']) process.env[name] = proxy.url;
  process.env['NODE_USE_ENV_PROXY'] = '1';
  const { source } = openForTest(t, { url: upstream.url });
  await source.query(requestOf('/x'), new Map(), limits());
  t.equal(upstream.asked.length, 1);
  t.equal(proxy.asked.length + proxy.connectionsCount, 0);
});

t.test('localhost, as the system resolves it, is reached', async (t) => {
  const upstream = await scriptedUpstream(t);
  upstream.on('/x', json([{ n: 1 }]));
  const { source } = openForTest(t, { url: upstream.url.replace('127.0.0.1', 'localhost') });
  t.same((await source.query(requestOf('/x'), new Map(), limits())).rows, [[1]]);
});

t.test('a name that nobody knows: source_down', async (t) => {
  const { source, observed } = openForTest(t, { url: 'http://nowhere.invalid' });
  t.equal((await failure(source.query(requestOf('/x'), new Map(), limits()))).code, 'source_down');
  t.equal(observed.length, 0);
});

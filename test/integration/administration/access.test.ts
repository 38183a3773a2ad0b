import t, { type Test } from 'tap';
import { routesOf } from '../../helpers/routes-of.js';
import { ask } from '../support/ask.js';
import { ADMIN_ROUTES, CALLS } from '../support/calls.js';
import { type ListeningApp, listeningApp } from '../support/listening-app.js';
import { shopFolder } from '../support/shop.js';

const TOKEN = 'correct-horse-battery-staple';

const CREDENTIALS = {
  'no token': {},
  'a wrong token': { authorization: `Bearer ${TOKEN}x` },
  'the token': { authorization: `Bearer ${TOKEN}` },
} as const;

type Statuses = Readonly<Record<keyof typeof CREDENTIALS, number>>;

const SITUATIONS: readonly [
  title: string,
  environment: Record<string, string>,
  admin: Statuses,
  code: string,
][] = [
  ['on loopback without ADMIN_TOKEN', {}, { 'no token': 200, 'a wrong token': 200, 'the token': 200 }, ''],
  [
    'on loopback with one',
    { ADMIN_TOKEN: TOKEN },
    { 'no token': 401, 'a wrong token': 401, 'the token': 200 },
    'unauthorized',
  ],
  [
    'beyond loopback without one',
    { HOST: '0.0.0.0', AUTH: 'none' },
    { 'no token': 403, 'a wrong token': 403, 'the token': 403 },
    'administration_closed',
  ],
  [
    'beyond loopback with one',
    { HOST: '0.0.0.0', AUTH: 'none', ADMIN_TOKEN: TOKEN },
    { 'no token': 401, 'a wrong token': 401, 'the token': 200 },
    'unauthorized',
  ],
];

async function serviceWith(t: Test, environment: Record<string, string>): Promise<ListeningApp> {
  const service = await listeningApp(t, { folder: await shopFolder(t), environment });
  return { ...service, url: service.url.replace('0.0.0.0', '127.0.0.1') };
}

for (const [title, environment, admin, code] of SITUATIONS)
  t.test(`all routes with each credential, ${title}`, async (t) => {
    const service = await serviceWith(t, environment);
    for (const [name, headers] of Object.entries(CREDENTIALS)) {
      for (const [route, call] of Object.entries(CALLS)) {
        const expected = ADMIN_ROUTES.includes(route) ? admin[name as keyof Statuses] : 200;
        const answer = await ask(service.url + call.path, { ...call, headers });
        t.equal(answer.status, expected, `${route} with ${name}`);
        if (expected === 200) continue;
        if (call.method !== 'HEAD') t.match(answer.json(), { code, status: expected });
        t.equal(answer.headers['cache-control'], 'no-store');
        const wanted = expected === 401 ? /^Bearer realm="dashcache"/ : undefined;
        t.match(answer.headers['www-authenticate'], wanted, 'and how to ask');
      }
    }
  });

/** What pages load of themselves. */
const ASSETS = /^GET \/documentation\/|\*$/;

/** The routes that the table lacks, and those in it that there are not. */
function differences(service: ListeningApp, table: readonly string[]): string[] {
  const declared = [...routesOf(service.app)].flatMap(([path, methods]) =>
    methods.filter((method) => method !== 'HEAD').map((method) => `${method} ${path}`),
  );
  const own = declared.filter((route) => !ASSETS.test(route));
  return [...own.filter((route) => !table.includes(route)), ...table.filter((route) => !own.includes(route))];
}

t.test('the table has every route, and no other', async (t) => {
  const service = await serviceWith(t, {});
  const table = Object.keys(CALLS);
  t.same(differences(service, table), []);
  t.same(differences(service, table.slice(1)), ['GET /dashboards'], 'one that is missing is told');
  t.same(differences(service, [...table, 'GET /new']), ['GET /new'], 'and one that is not there');
});

t.test('a credential in any other form is a wrong one', async (t) => {
  const service = await serviceWith(t, { ADMIN_TOKEN: TOKEN });
  const call = (headers: Record<string, string>) => service.get('/cache/switch', { headers });
  for (const authorization of [
    TOKEN,
    `Basic ${Buffer.from(`admin:${TOKEN}`).toString('base64')}`,
    'Bearer',
    'Bearer ',
    `Bearer ${TOKEN.toUpperCase()}`,
    `Bearer ${TOKEN.slice(0, -1)}`,
    `Bearer ${TOKEN},${TOKEN}`,
    `Bearer ${'x'.repeat(7000)}`,
    `Token ${TOKEN}`,
  ])
    t.equal((await call({ authorization })).status, 401, authorization.slice(0, 50));
  t.equal((await call({ 'x-api-key': TOKEN })).status, 401);
  t.equal((await service.get(`/cache/switch?token=${TOKEN}`)).status, 401);
  t.equal((await call({ authorization: `bearer ${TOKEN}` })).status, 200, 'the scheme is read in any case');
});

t.test('the token is in no answer and no log', async (t) => {
  const lines: string[] = [];
  const logger = { level: 'trace', stream: { write: (line: string) => lines.push(line) } };
  const service = await listeningApp(t, {
    folder: await shopFolder(t),
    environment: { ADMIN_TOKEN: TOKEN },
    logger,
  });
  for (const authorization of [`Bearer ${TOKEN}`, `Bearer ${TOKEN}x`]) {
    const { text, headers } = await service.get('/cache/switch', { headers: { authorization } });
    t.notMatch(text + JSON.stringify(headers), TOKEN);
  }
  t.ok(lines.length > 0);
  t.notMatch(lines.join(''), TOKEN);
});

t.test('open administration answers to this machine and to no page of another website', async (t) => {
  const service = await serviceWith(t, {});
  const { port } = new URL(service.url);
  const call = (headers: Record<string, string>) => service.get('/cache/switch', { headers });
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, '[::1]', 'LOCALHOST'])
    t.equal((await call({ host })).status, 200, host);
  for (const host of [
    `evil.example:${port}`,
    'localhost.evil.example',
    '10.0.0.1',
    '127.0.0.1.evil.example',
  ]) {
    const answer = await call({ host });
    t.match(answer.json(), { status: 403, code: 'forbidden' }, host);
    t.equal(
      (await service.get('/dashboards', { headers: { host } })).status,
      200,
      'data are open to every name',
    );
  }
  for (const origin of ['http://evil.example', 'null', `http://localhost:${Number(port) + 1}`])
    t.match((await call({ origin })).json(), { status: 403, code: 'forbidden' }, origin);
  t.equal((await call({ origin: `http://127.0.0.1:${port}` })).status, 200, 'its own pages');
});

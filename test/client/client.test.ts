import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { createClient, DashcacheProblem, type LivePanel, type LiveState } from '../../client/index.js';
import { type ListeningApp, listeningApp } from '../integration/support/listening-app.js';
import { shopFolder } from '../integration/support/shop.js';
import { until } from '../integration/support/until.js';
import { VersionedReports } from '../integration/support/versioned-reports.js';

async function shop(t: Test): Promise<ListeningApp> {
  return listeningApp(t, { folder: await shopFolder(t) });
}

/** What it asked, by the headers that it sent. */
function recordingFetch(): { fetch: typeof fetch; sent: Headers[] } {
  const sent: Headers[] = [];
  const recording: typeof fetch = (input, init) => {
    sent.push(new Headers(init?.headers));
    return fetch(input, init);
  };
  return { fetch: recording, sent };
}

/** A service of a few words. */
async function scripted(
  t: Test,
  answer: (asked: { path: string; authorization: string | undefined; count: number }) => {
    status: number;
    headers?: Record<string, string>;
    body?: string;
  },
): Promise<string> {
  let count = 0;
  const server = createServer(({ url: path = '', headers: { authorization } }, response) => {
    const { status, headers, body = '{}' } = answer({ path, authorization, count: ++count });
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

t.test('dashboards, panels, choices, catalogue and statistics are read with their freshness', async (t) => {
  const { url } = await shop(t);
  const client = createClient({ baseUrl: `${url}/` });
  const metrics = await client.panel('shop', 'metrics', { site_id: 7 });
  t.match(metrics.body, { dashboard: 'shop', panel: 'metrics', data: { sales: 1000 } });
  t.match(metrics.freshness, { isHit: false, isStale: false, age: Number, ttl: /^(600|59\d)$/ });
  const whole = await client.dashboard('shop', { site_id: 7, period: undefined });
  t.same(whole.body.panels['metrics'], metrics.body);
  t.match(whole.freshness.panels, {
    metrics: { isHit: true, isStale: false, layer: 'l1' },
    summary: { isHit: false },
  });
  t.equal((await client.options('shop', 'site_id')).body.options[6]?.label, 'Site 7');
  t.equal((await client.catalogue()).body.dashboards.length, 2);
  t.ok('cache_stats' in (await client.statistics()).body);
});

t.test('what is asked again is asked for news, and is the same object where there are none', async (t) => {
  const { url } = await shop(t);
  const { fetch: recording, sent } = recordingFetch();
  const client = createClient({ baseUrl: url, fetch: recording, keepCount: 1 });
  const first = await client.panel('shop', 'summary', { site_id: 7 });
  const again = await client.panel('shop', 'summary', { site_id: 7 });
  t.equal(again.body, first.body, 'the very object');
  t.same([first.isSame, again.isSame], [false, true]);
  t.equal(sent[0]?.get('if-none-match'), null);
  t.match(sent[1]?.get('if-none-match'), /^"/);
  await client.panel('shop', 'summary', { site_id: 8 });
  await client.panel('shop', 'summary', { site_id: 7 });
  t.equal(sent[3]?.get('if-none-match'), null, 'no more is kept than was said');
});

t.test('a problem is an error with its code, and a 503 is tried again if that was said', async (t) => {
  const { url } = await shop(t);
  const refused = createClient({ baseUrl: url }).panel('shop', 'metrics', { site_id: 'x' });
  await t.rejects(refused, { code: 'parameters_invalid', status: 400, errors: [{ parameter: 'site_id' }] });
  const busy = await scripted(t, ({ count }) =>
    count % 2 === 1 ? { status: 503, headers: { 'retry-after': '0' } } : { status: 200, body: '{"ok":1}' },
  );
  await t.rejects(createClient({ baseUrl: busy }).catalogue(), {
    status: 503,
    code: 'unreadable',
    retryAfter: 0,
  });
  await createClient({ baseUrl: busy }).catalogue();
  t.match((await createClient({ baseUrl: busy, retries: 1 }).catalogue()).body, { ok: 1 });
  const patient = createClient({ baseUrl: busy });
  await t.rejects(patient.catalogue({ signal: AbortSignal.abort() }), { name: 'AbortError' });
});

t.test('a token that is refused is asked for once more', async (t) => {
  const url = await scripted(t, ({ authorization }) =>
    authorization === 'Bearer new' ? { status: 200 } : { status: 401 },
  );
  const tokens = ['old', 'new'];
  await createClient({ baseUrl: url, token: async () => tokens.shift() ?? 'none' }).catalogue();
  t.same(tokens, []);
  await t.rejects(createClient({ baseUrl: url, token: 'old' }).catalogue(), {
    name: 'DashcacheProblem',
    status: 401,
  });
});

interface Reports {
  reports: {
    params: { tenant: number };
    panels: Record<'metrics' | 'summary', { data: { version: number; tenant: number } | null }>;
    options: never;
  };
}

t.test(
  'a subscription is told of changes, goes on with another process, and has nothing sent twice',
  async (t) => {
    const world = await VersionedReports.start(t, { tenantsCount: 1 });
    const first = await world.app(t, {});
    const port = new URL(first.url).port;
    const panels: LivePanel<Reports, 'reports'>[] = [];
    const states: LiveState[] = [];
    const abort = new AbortController();
    const client = createClient<Reports>({ baseUrl: first.url });
    const subscription = client.subscribe(
      'reports',
      { tenant: 1 },
      {
        onPanel: (panel) => panels.push(panel),
        onState: (state) => states.push(state),
        signal: abort.signal,
      },
    );
    t.ok(await until(() => panels.length === 2));
    world.version = 2;
    const body = { tags: ['nightly'] };
    await first.get('/cache/invalidations', { method: 'POST', body });
    t.ok(await until(() => panels.length === 4));
    t.equal(panels.at(-1)?.body.data?.version, 2);

    await first.stop();
    world.version = 3;
    await world.app(t, { PORT: port });
    t.ok(await until(() => panels.length === 6), `${panels.length} panels: ${JSON.stringify(states)}`);
    t.same(
      panels.map(({ body }) => body.data?.version),
      [1, 1, 2, 2, 3, 3],
    );
    t.match(states.slice(0, 3), [{ is: 'connecting' }, { is: 'open' }, { is: 'waiting', reason: 'drain' }]);
    abort.abort();
    await subscription.ended;
    t.same(states.at(-1), { is: 'closed', problem: null });
  },
);

t.test('a subscription ends with a problem that does not pass', async (t) => {
  const { url } = await shop(t);
  const states: LiveState[] = [];
  const client = createClient({ baseUrl: url });
  const handlers = { onPanel: () => {}, onState: (state: LiveState) => states.push(state) };
  await client.subscribe('none', {}, handlers).ended;
  const last = states.at(-1);
  t.ok(last?.is === 'closed' && last.problem instanceof DashcacheProblem);
  t.match(last, { problem: { code: 'dashboard_unknown', status: 404 } });
});

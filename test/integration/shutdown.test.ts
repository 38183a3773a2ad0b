import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { Barrier } from '../helpers/barrier.js';
import { startRedis } from '../helpers/redis-server.js';
import { ask } from './support/ask.js';
import { builtService } from './support/built-service.js';
import { statisticsOf } from './support/counters.js';
import { type ListeningApp, listeningApp } from './support/listening-app.js';
import { type ScriptedSource, scriptSource } from './support/scripted-source.js';
import { shopFolder } from './support/shop.js';
import { until } from './support/until.js';

/** A query that takes a second or so on any machine, whatever else runs: one step follows from the one before. */
const SLOW = `
id: slow
source: main
params:
  steps: { type: integer, default: 25000 }
metrics:
  query: WITH RECURSIVE steps(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM steps WHERE i < :steps) SELECT max(i) AS i FROM steps
`;

/** A connection that stays open, as browsers and balancers keep theirs. */
class Connection {
  received = '';
  isClosed = false;
  readonly #socket: Socket;

  constructor(t: Test, url: string) {
    const { hostname, port } = new URL(url);
    this.#socket = connect(Number(port), hostname);
    this.#socket.on('data', (data) => {
      this.received += data;
    });
    this.#socket.on('close', () => {
      this.isClosed = true;
    });
    this.#socket.on('error', () => {});
    t.teardown(() => this.#socket.destroy());
  }

  send(path: string): void {
    this.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  }

  write(text: string): void {
    this.#socket.write(text);
  }

  /** The status of each answer so far. */
  get statuses(): number[] {
    return [...this.received.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
  }
}

interface Draining extends ListeningApp {
  readonly source: ScriptedSource;
}

async function service(t: Test): Promise<Draining> {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const folder = await shopFolder(t);
  const listening = await listeningApp(t, { folder, environment: { REDIS_URL: redis.url } });
  return { ...listening, source: scriptSource(listening.app) };
}

t.test(
  'while it stops: what is under way is answered, readiness says no, and nobody new is let in',
  async (t) => {
    const running = await service(t);
    const { url, source } = running;
    const warm = '/dashboards/shop/summary?site_id=1';
    await running.get(warm);
    const idle = new Connection(t, url);
    idle.send(warm);
    t.ok(await until(() => idle.statuses.length === 1));

    const unused = new Connection(t, url);
    const barrier = new Barrier();
    source.barrier = barrier;
    const arriving = ['/health/ready', warm].map((path) => {
      const connection = new Connection(t, url);
      connection.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n`);
      return connection;
    });
    const [read, joined] = [new Connection(t, url), new Connection(t, url)];
    for (const connection of [read, joined]) connection.send('/dashboards/shop/metrics?site_id=1');
    await barrier.arrived(1);
    t.ok(await until(async () => (await connectionsCount(running)) === 6));
    await sleep(50);
    const stopping = running.stop();
    t.ok(await until(() => running.app.lifecycle.phase === 'draining'));
    t.ok(await until(() => idle.isClosed), 'a connection that waits for nothing is closed at once');
    await t.rejects(ask(`${url}/health/live`), { code: 'ECONNREFUSED' }, 'nobody new');
    for (const connection of arriving) connection.write('\r\n');
    t.ok(await until(() => arriving.every(({ isClosed }) => isClosed)));
    t.same(
      arriving.map(({ statuses }) => statuses),
      [[503], [200]],
      'of what was arriving, readiness says no, and a warm read is answered',
    );
    t.match(arriving[0]?.received, '"code":"starting_or_draining"');
    t.same([read.statuses, joined.statuses], [[], []], 'what is under way is not cut short');

    barrier.open();
    const tookMs = await stopping;
    t.ok(await until(() => [read, joined, unused].every(({ isClosed }) => isClosed)));
    for (const connection of [...arriving, read, joined])
      t.match(connection.received, /connection: close/i, 'the last answer of its connection');
    for (const connection of [read, joined]) t.same(connection.statuses, [200]);
    t.ok(tookMs < 3000, `closed after ${Math.round(tookMs)} ms`);
  },
);

function connectionsCount({ app }: ListeningApp): Promise<number> {
  return new Promise((resolve, reject) => {
    app.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}

t.test('SIGTERM and SIGINT during slow queries: each is answered, and the process ends with 0', async (t) => {
  const folder = await shopFolder(t, { 'slow.yaml': SLOW });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const running = await builtService({ environment: { DASHCACHE_CONFIG: folder } });
    const asked = [0, 1].map((more) => ask(`${running.url}/dashboards/slow/metrics?steps=${25_000 + more}`));
    const loads = async () =>
      (await statisticsOf({ get: (path) => ask(running.url + path) })).process.events['loads'];
    t.ok(await until(async () => (await loads()) === 2, { everyMs: 5 }));
    const startMs = performance.now();
    running.signal(signal);
    const answers = await Promise.all(asked);
    const waitedMs = Math.round(performance.now() - startMs);
    t.same(
      answers.map(({ status }) => status),
      [200, 200],
    );
    t.match(answers[1]?.json(), { data: { i: 25_001 } });
    t.equal(await running.ended, 0, signal);
    const endedMs = Math.round(performance.now() - startMs);
    t.ok(endedMs - waitedMs < 2000, `answered ${waitedMs} ms after ${signal}, ended after ${endedMs} ms`);
    t.ok(waitedMs > 50, 'they were still under way');
    t.equal(running.errorText, '');
  }
});

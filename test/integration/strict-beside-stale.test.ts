import pg from 'pg';
import t from 'tap';
import type { Answer } from './support/ask.js';
import { until } from './support/until.js';
import { watchedService } from './support/watched-service.js';

const ROUNDS_COUNT = 5;
/** Reading both tables, a query stands still while the test locks the second. */
const QUERY = 'SELECT max(id) AS version FROM orders WHERE NOT EXISTS (SELECT FROM gate)';
const dashboardOf = (id: string, maxStaleness: string) =>
  `id: ${id}\nsource: main\nmetrics: { query: "${QUERY}", max_staleness: ${maxStaleness} }\n`;
const STRICT = '/dashboards/strict/metrics';
const PATIENT = '/dashboards/patient/metrics';

function versionOf(answer: Answer): number {
  return answer.json<{ data: { version: number } }>().data.version;
}

t.test(
  'given a change, a panel of max_staleness 0s never shows the old value again, and one of 10s beside it does until it is loaded',
  async (t) => {
    const service = await watchedService(t, {
      schema:
        'CREATE TABLE orders (id bigint PRIMARY KEY); CREATE TABLE gate (id bigint); INSERT INTO orders VALUES (0)',
      tables: ['orders', 'gate'],
      defaults: 'ttl: 1h, grace: 1h',
      dashboards: {
        'strict.yaml': dashboardOf('strict', '0s'),
        'patient.yaml': dashboardOf('patient', '10s'),
      },
    });
    const gatekeeper = new pg.Client(service.server.url);
    await gatekeeper.connect();
    t.teardown(() => gatekeeper.end());

    for (let version = 1; version <= ROUNDS_COUNT; version++) {
      const before = version - 1;
      for (const path of [STRICT, PATIENT])
        t.ok(
          await until(async () => {
            const answer = await service.ask(path);
            return versionOf(answer) === before && /hit; ttl=\d+/.test(answer.cacheStatus);
          }),
          `${path} has ${before}, fresh`,
        );
      await gatekeeper.query('BEGIN; LOCK TABLE gate IN ACCESS EXCLUSIVE MODE');
      await service.server.query('INSERT INTO orders VALUES ($1)', [version]);
      const isStale = async () => /hit; ttl=-\d+/.test((await service.ask(PATIENT)).cacheStatus);
      t.ok(await until(isStale), 'the change is told');

      let isAnswered = false;
      const strict = service.ask(STRICT).finally(() => {
        isAnswered = true;
      });
      for (let look = 0; look < 5; look++) {
        const stale = await service.ask(PATIENT);
        t.equal(versionOf(stale), before, 'the old value at once');
        t.match(stale.cacheStatus, /hit; ttl=-\d+/, 'and marked');
      }
      t.notOk(isAnswered, 'whoever may not have it waits');
      await gatekeeper.query('COMMIT');
      const answer = await strict;
      t.equal(versionOf(answer), version);
      t.match(answer.cacheStatus, 'fwd=uri-miss');
      t.ok(
        await until(async () => versionOf(await service.ask(PATIENT)) === version),
        'and the other follows',
      );
    }
  },
);

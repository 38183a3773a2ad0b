import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { parse } from 'yaml';
import { until } from '../integration/support/until.js';
import { watchedService } from '../integration/support/watched-service.js';
import { type PrometheusServer, startPrometheus } from './support/prometheus-server.js';

const DEPLOY = fileURLToPath(new URL('../../deploy/', import.meta.url));
const RULES = `${DEPLOY}prometheus/rules.yaml`;
/** Of the tests' Prometheus, which scrapes every second. */
const WINDOW = '5s';

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
}

const dashboard: Dashboard = JSON.parse(readFileSync(`${DEPLOY}grafana/dashcache.json`, 'utf8'));
const { groups }: { groups: { rules: Rule[] }[] } = parse(readFileSync(RULES, 'utf8'));
const rules = groups.flatMap(({ rules: own }) => own);

const STOCK = `
id: stock
source: main
metrics: { query: SELECT count(*) AS articles FROM articles, ttl: 1s }
charts:
  by_kind: { type: pie, labels: kind, query: SELECT kind, count(*) AS articles FROM articles GROUP BY kind, ttl: 10m }
`;
const PANELS = ['metrics', 'charts/by_kind'];

/** A service with a feed and a Redis, whose panels are read ten times a second, and a Prometheus that scrapes it. */
t.test('a real Prometheus that scrapes a service under some traffic', async (t) => {
  const service = await watchedService(t, {
    schema: "CREATE TABLE articles (id int PRIMARY KEY, kind text); INSERT INTO articles VALUES (1, 'bread')",
    tables: ['articles'],
    dashboards: { 'stock.yaml': STOCK },
    source: 'budget: 400/min',
  });
  const prometheus = await startPrometheus(t, { targets: [`127.0.0.1:${service.port}`], rulesFile: RULES });
  const reading = setInterval(() => {
    for (const panel of PANELS) void service.ask(`/dashboards/stock/${panel}`).catch(() => {});
  }, 100);
  t.teardown(() => clearInterval(reading));
  await service.ask('/cache/invalidations', { method: 'POST', body: { table: 'articles' } });

  await t.test('promtool finds nothing wrong with what is scraped', async (t) => {
    const { text } = await service.ask('/metrics');
    const { stdout, stderr, status } = spawnSync('promtool', ['check', 'metrics'], { input: text });
    t.equal(`${stdout}${stderr}`, '');
    t.equal(status, 0);
  });

  await t.test('every query of the Grafana dashboard returns data', async (t) => {
    for (const { title, targets } of dashboard.panels)
      for (const { expr } of targets) t.ok(await hasData(prometheus, here(expr)), `${title}: ${expr}`);
  });

  await t.test('every rule is evaluated, and whatever an alarm compares returns data', async (t) => {
    for (const { name, health, lastError = '' } of await prometheus.rules())
      t.equal(health, 'ok', `${name} ${lastError}`);
    t.equal((await prometheus.rules()).length, rules.length);
    for (const { record } of rules) if (record) t.ok(await hasData(prometheus, record), record);
    for (const { alert, expr } of rules)
      if (alert)
        for (const side of comparedBy(expr)) t.ok(await hasData(prometheus, side), `${alert}: ${side}`);
  });

  await t.test(
    'control: a query of what is not told returns nothing, and a wrong one is refused',
    async (t) => {
      t.same(await prometheus.query(here('rate(dashcache_read_total{job=~"$job"}[$__rate_interval])')), []);
      await t.rejects(prometheus.query('rate(dashcache_reads_total)'), {
        message: /expected type range vector/,
      });
    },
  );
});

/** As Grafana fills it in. */
function here(expression: string): string {
  return expression.replaceAll('$job', '.+').replaceAll('$__rate_interval', WINDOW);
}

/** The selectors and records of an expression without what they are compared with. */
function comparedBy(expression: string): readonly string[] {
  return expression.match(/dashcache[\w:]*(\{[^}]*\})?/g) ?? [];
}

/** A rate takes two scrapes, and a quotient is no number until something was read between them. */
function hasData(prometheus: PrometheusServer, expression: string): Promise<boolean> {
  return until(
    async () => {
      const samples = await prometheus.query(expression);
      return samples.some(({ value: [, text] }) => text !== 'NaN');
    },
    { withinMs: 20_000, everyMs: 200 },
  );
}

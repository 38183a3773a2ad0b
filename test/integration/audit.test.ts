import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { runCommand } from '../../cli/run-command.js';
import type { AuditResult } from '../../services/audit/run-audit.js';
import { FakeTerminal } from '../helpers/fake-terminal.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { Answer } from './support/ask.js';
import { lyingProxy } from './support/lying-proxy.js';
import { PRICES } from './support/shop.js';
import { heat, read, tell, twoProcesses } from './support/two-processes.js';
import { until } from './support/until.js';

interface Audited {
  readonly exitCode: number;
  readonly result: AuditResult;
  readonly errText: string;
}

async function audit(folder: string, urls: readonly string[], ...words: string[]): Promise<Audited> {
  const terminal = new FakeTerminal();
  const replicas = urls.flatMap((url) => ['--url', url]);
  const exitCode = await runCommand(['audit', folder, ...replicas, ...words, '--json'], terminal);
  return { exitCode, result: JSON.parse(terminal.outText || '{}'), errText: terminal.errText };
}

function kindsOf({ violations }: AuditResult): string[] {
  return [...new Set(violations.map(({ kind }) => kind))];
}

t.test('two processes on one Redis, and an observer', async (t) => {
  const { folder, redis, services } = await twoProcesses(t);
  const urls = services.map(({ url }) => url);
  const [first, second] = services;

  await t.test('honest replicas: every read is within the bound, with exit code 0', async (t) => {
    const { exitCode, result, errText } = await audit(folder, urls, '--sample', '60', '--rate', '100/s');
    t.equal(exitCode, 0, errText);
    t.match(result, { samples: 60, reads: 120, within: 120, identical: 120, violations: [], unknown: 0 });
    t.equal(result.nines?.provenPercent, 97.5);
    t.match(errText, '60/60 samples, 0 violations');
  });

  await t.test('a replica that gives one tenant the data of another: exit code 1', async (t) => {
    const swapped = (path: string) =>
      path.replace(/site_id=(\d+)/, (_, id) => `site_id=${(Number(id) % 40) + 1}`);
    const proxy = await lyingProxy(t, first, { ask: swapped });
    const { exitCode, result } = await audit(
      folder,
      [proxy.url, second.url],
      '--sample',
      '20',
      '--rate',
      '100/s',
    );
    t.equal(exitCode, 1);
    t.same(kindsOf(result), ['wrong_tenant']);
    t.ok(result.violations.every(({ replica }) => replica === proxy.url));
    t.ok(result.within >= 20, 'the other replica is not accused');
  });

  const prices = pricesFolder(t, folder);

  await t.test('a replica that makes its answers younger than they are: exit code 1', async (t) => {
    await heat(first, PRICES_PATHS);
    // Each of them: one that was loaded anew after the first reads is as young as the lie.
    const isOld = async (path: string) => Number((await read(first, path)).headers.age) >= 3;
    t.ok(await until(async () => (await Promise.all(PRICES_PATHS.map(isOld))).every(Boolean)));
    const young = (answer: Answer) =>
      new Answer(answer.status, { ...answer.headers, age: '0' }, answer.bytes);
    const proxy = await lyingProxy(t, first, { answer: young });
    const { exitCode, result } = await audit(
      prices,
      [proxy.url, second.url],
      '--sample',
      '4',
      '--rate',
      '100/s',
    );
    t.equal(exitCode, 1);
    t.same(kindsOf(result), ['false_age']);
    t.match(result, { reads: 8, within: 4, violations: [{ replica: proxy.url, promised: 'Age: 0' }] });
    t.ok(
      result.violations.every(({ replica }) => replica === proxy.url),
      'the other replica is not accused',
    );
  });

  await t.test(
    'honest replicas while data are replaced, purged and expired, and Redis goes and comes back',
    async (t) => {
      const running = audit(prices, urls, '--sample', '150', '--rate', '12/s', '--for', '14s');
      let isOver = false;
      running.finally(() => {
        isOver = true;
      });
      const bodies = [
        { table: 'prices' },
        { all: true, wait: false },
        { dashboard: 'prices', mode: 'expire' },
      ];
      let changes = 0;
      for (; !isOver; changes++) {
        replacePrices(folder, changes);
        await tell(services[changes % 2] ?? first, '/cache/invalidations', { body: bodies[changes % 3] });
        if (changes === 4) await redis.kill();
        if (changes === 8) await redis.restart();
        await Promise.race([running, sleep(900)]);
      }
      const { exitCode, result } = await running;
      t.same(result.violations, []);
      t.equal(exitCode, 0);
      t.ok(result.reads > 100 && changes > 8, `${result.reads} reads, ${changes} changes`);
      const { stale, unproven } = result.older;
      t.ok(stale > 0 && unproven > 0, `of them ${JSON.stringify(result.older)}, all marked as such`);
    },
  );

  await t.test('a replica that goes on with old answers after a purge: exit code 1', async (t) => {
    await heat(first, PRICES_PATHS);
    await heat(second, PRICES_PATHS);
    const memory = new Replay();
    const proxy = await lyingProxy(t, first, { answer: (answer, path) => memory.answer(answer, path) });
    for (const path of PRICES_PATHS) await read(proxy, path);
    const running = audit(prices, [proxy.url, second.url], '--sample', '40', '--rate', '4/s', '--for', '14s');
    // The purge has to be seen by somebody who has seen Redis answer for longer than the trust lasts.
    t.ok(await until(() => memory.readsCount >= 12));
    replacePrices(folder, 71);
    const isNew = async (service: { url: string }) =>
      (await read(service, '/dashboards/prices/metrics')).text.includes('"total":171');
    for (const service of services) t.ok(await until(() => isNew(service)));
    // It is in force here before it is acknowledged: a read that began in between is accused rightly.
    const purgedAtMs = Date.now();
    t.equal((await tell(first, '/cache/invalidations', { body: { table: 'prices' } })).status, 200);
    memory.isLying = true;
    const { exitCode, result } = await running;
    t.equal(exitCode, 1);
    t.same(kindsOf(result), ['purge_ignored']);
    t.match(result.violations[0], {
      replica: proxy.url,
      promised: 'nothing from before the purge of table prices',
    });
    for (const { replica, at } of result.violations) {
      t.equal(replica, proxy.url);
      t.ok(Date.parse(at) >= purgedAtMs, 'while data moved, nobody was accused');
    }
  });
});

const PRICES_PATHS = ['/dashboards/prices/metrics', '/dashboards/prices/charts/list'];

/** The same definitions, but those of the prices alone. */
function pricesFolder(t: Test, folder: string): string {
  const alone = tempFolder(t);
  const source = `{ type: duckdb, files: { prices: ${join(folder, 'prices.csv')} } }`;
  const defaults = 'defaults: { ttl: 10m, grace: 10m, stale_if_error: 24h }';
  writeFileSync(join(alone, 'dashcache.yaml'), `sources:\n  files: ${source}\n${defaults}\n`);
  writeFileSync(join(alone, 'prices.yaml'), PRICES);
  return alone;
}

function replacePrices(folder: string, price: number): void {
  writeFileSync(join(folder, 'prices.csv.new'), `article,price\nbread,100\nsalt,${price}\n`);
  renameSync(join(folder, 'prices.csv.new'), join(folder, 'prices.csv'));
}

/** Remembers the first answers, and gives them again, with an honest Age, once it lies. */
class Replay {
  isLying = false;
  readsCount = 0;
  readonly #first = new Map<string, { answer: Answer; atMs: number }>();

  answer(answer: Answer, path: string): Answer {
    this.readsCount++;
    const known = this.#first.get(path) ?? { answer, atMs: Date.now() };
    this.#first.set(path, known);
    if (!this.isLying) return answer;
    const { status, headers, bytes } = known.answer;
    const age = Number(headers.age) + Math.floor((Date.now() - known.atMs) / 1000);
    return new Answer(status, { ...headers, age: String(age) }, bytes);
  }
}

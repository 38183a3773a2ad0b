import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import t from 'tap';
import type { EnabledStatisticsBody } from '../../services/statistics/report-schema.js';
import { listeningApp } from '../integration/support/listening-app.js';
import { bearer, testCredentials } from '../integration/support/test-credentials.js';
import { smallFolder } from '../plugins/fixtures/small-service.js';
import { monitoringRoom, readShop, startBrowser, violationsOf } from './support/monitoring-room.js';

const LARGEST_BYTES = 60_000;

const browser = await startBrowser(t);

t.test('the page with all that it names, gzipped: at most 60 KB', async (t) => {
  const folder = new URL('../../dist/web/', import.meta.url);
  const html = readFileSync(new URL('monitoring.html', folder));
  const named = [...html.toString().matchAll(/\.\/(assets\/[^"]+)"/g)].map(([, name = '']) => name);
  // A script that is loaded later counts as well: here there is none.
  const scripts = readdirSync(new URL('assets', folder)).filter((name) => /^monitoring.*\.js$/.test(name));
  t.equal(scripts.length, 1);
  const files = [html, ...named.map((name) => readFileSync(new URL(name, folder)))];
  const bytes = files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0);
  t.comment(`${bytes} bytes`);
  t.ok(bytes > 20_000 && bytes <= LARGEST_BYTES, `${bytes} bytes`);
});

t.test('with reads of two sites', async (t) => {
  const room = await monitoringRoom(t, browser);
  for (const site of [1, 2, 1, 1, 2, 1]) await readShop(room.service, site);

  t.test('the figures are those of the API', async (t) => {
    const page = await room.open();
    await page.waitForSelector('[data-target=hit_rate]');
    const answer = await room.service.get('/reports/cache-statistics/');
    const body = (await answer.json()) as EnabledStatisticsBody;
    t.equal(body.cache_stats.total_requests, 24);
    t.equal(await textOf(page, '[data-figure=reads] .figure'), '24');
    t.equal(await textOf(page, '[data-target=hit_rate] .figure'), `${body.cache_stats.hit_rate} %`);
    t.match(await textOf(page, '[data-target=hit_rate] .state'), /On target.*at least 60 %/s);
    t.equal(
      await textOf(page, '[data-target=source_queries] .figure'),
      String(body.sources[0]?.queries_per_minute),
    );
    const l1 = body.latency.l1;
    t.equal(await textOf(page, '[data-layer=l1] td >> nth=0'), String(l1.count));
    t.equal(
      await page.locator('[data-source=main] td').nth(3).textContent(),
      String(body.sources[0]?.queries),
    );
    const rows = page.getByRole('region', { name: 'Figures of each panel' }).locator('tbody tr');
    t.equal(await rows.count(), body.panels.length);
    for (const { dashboard, panel, ...figures } of body.panels) {
      const cells = await rows
        .filter({ hasText: `${dashboard}/${panel}` })
        .locator('td')
        .allTextContents();
      const { total_requests, hits, misses, hit_rate, stale_hits, bypasses, errors, recommendation } =
        figures;
      const rate = hits + misses === 0 ? '–' : `${hit_rate} %`;
      const shown = [total_requests, rate, stale_hits, misses, bypasses, errors, recommendation].map(String);
      t.same(cells, shown, `${dashboard}/${panel}`);
    }
    t.match(await page.locator('[aria-labelledby=slowest]').textContent(), /median of 2 loads/);
    t.match(await page.locator('[aria-labelledby=events]').textContent(), /because nothing was stored/);
    await page.context().close();
  });

  for (const colorScheme of ['light', 'dark'] as const)
    t.test(
      `axe finds nothing, ${colorScheme}: as it opens; with a table of a chart, a list and a dialog open`,
      async (t) => {
        const page = await room.open({ colorScheme });
        await page.waitForSelector('[data-chart="Hit rate"] canvas');
        t.same(await violationsOf(page), []);
        await page.getByRole('button', { name: 'Table of Hit rate' }).click();
        await page.getByText('Days and weeks', { exact: true }).click();
        await page.locator('[aria-labelledby=switches] summary').first().click();
        await page.getByRole('button', { name: 'Warm…' }).click();
        t.same(await violationsOf(page), []);
        await page.context().close();
      },
    );

  t.test('a chart as a table: its points are those of the history', async (t) => {
    const page = await room.open();
    await page.getByRole('button', { name: 'Table of Source queries a minute' }).click();
    const table = page.getByRole('region', { name: 'Table of Source queries a minute' });
    const answer = await room.service.get('/reports/cache-history');
    const { minutes } = (await answer.json()) as { minutes: { source_queries: number }[] };
    const shown = await table.locator('tbody tr td:nth-of-type(1)').allTextContents();
    t.same(
      shown.reverse().map(Number),
      minutes.map(({ source_queries }) => source_queries),
    );
    await page.getByRole('button', { name: '8 days' }).click();
    t.equal(await page.getByRole('button', { name: '8 days' }).getAttribute('aria-pressed'), 'true');
    await page.context().close();
  });

  t.test('a head of the panels sorts them, and says so', async (t) => {
    const page = await room.open();
    const region = page.getByRole('region', { name: 'Figures of each panel' });
    await region.getByRole('button', { name: 'Reads' }).click();
    t.equal(await region.locator('th', { hasText: 'Reads' }).getAttribute('aria-sort'), 'descending');
    const reads = (await region.locator('tbody tr td:nth-of-type(1)').allTextContents()).map(Number);
    t.same(
      reads,
      [...reads].sort((a, b) => b - a),
    );
    await page.context().close();
  });

  t.test('360 px wide: nothing is wider than the page', async (t) => {
    const page = await room.open({ viewport: { width: 360, height: 740 } });
    await page.waitForSelector('[data-chart="Hit rate"] canvas');
    t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360);
    await page.context().close();
  });

  t.test('it asks every five seconds; hidden: nothing; seen again: at once', async (t) => {
    const page = await room.open();
    await page.waitForSelector('[data-target=hit_rate]');
    await page.clock.install();
    await page.reload();
    await page.waitForSelector('[data-target=hit_rate]');
    const askedSeen = page.waitForRequest(/cache-statistics/);
    await page.clock.fastForward(6000);
    await askedSeen;
    await setHidden(page, true);
    let askedCount = 0;
    page.on('request', () => askedCount++);
    await page.clock.fastForward(60_000);
    await page.clock.fastForward(60_000);
    t.equal(askedCount, 0);
    const asked = page.waitForRequest(/cache-statistics/);
    await setHidden(page, false);
    await asked;
    await page.context().close();
  });
});

t.test('without Redis, without reads, with ADMIN_TOKEN', async (t) => {
  const environment = { ADMIN_TOKEN: 'a-token-of-tests-that-is-long-enough' };
  const { url } = await listeningApp(t, { folder: smallFolder(t), environment });
  const page = await browser.newPage();
  await page.goto(`${url}/monitoring`);
  await page.waitForSelector('[data-target=hit_rate]');

  t.test('where there is nothing to show it says what to do', async (t) => {
    t.match(await textOf(page, '[data-target=hit_rate]'), /No reads yet: open a dashboard/);
    t.match(await textOf(page, '[data-target=redis_memory]'), /REDIS_URL makes processes share one cache/);
    await page.getByText('Nothing was measured in this time.').first().waitFor();
    t.match(await textOf(page, '[aria-labelledby=administration]'), /for administrators.*ADMIN_TOKEN/);
  });

  t.test('administration with the token, which a reload forgets', async (t) => {
    await page.getByRole('button', { name: 'Sign in as administrator' }).click();
    await signIn(page, 'another');
    await page.getByRole('button', { name: 'Sign in as administrator' }).waitFor();
    await page.getByRole('button', { name: 'Sign in as administrator' }).click();
    t.match(await page.getByRole('alert').textContent(), /ADMIN_TOKEN/);
    await signIn(page, 'a-token-of-tests-that-is-long-enough');
    await page.locator('[data-switch=everything]').waitFor();
    t.same(await page.evaluate('[localStorage.length, sessionStorage.length, document.cookie]'), [0, 0, '']);
    await page.reload();
    await page.getByRole('button', { name: 'Sign in as administrator' }).waitFor();
  });
});

t.test(
  'with identities, under /dash: nothing without a credential, then what its roles may see',
  async (t) => {
    const environment = { BASE_PATH: '/dash' };
    const credentials = testCredentials();
    const { url } = await listeningApp(t, { folder: smallFolder(t), environment, credentials });
    const tokenOf = async (role: string) => (await bearer([role])).authorization.replace('Bearer ', '');
    const page = await browser.newPage();
    await page.goto(`${url}/dash/monitoring`);
    await page.getByRole('alert').filter({ hasText: 'a token as Authorization: Bearer' }).waitFor();
    t.equal(await page.locator('[data-target]').count(), 0);
    t.same(await violationsOf(page), []);
    await signIn(page, await tokenOf('reader'));
    await page.getByRole('alert').filter({ hasText: 'none of its roles may do this' }).waitFor();
    await signIn(page, await tokenOf('scraper'));
    await page.waitForSelector('[data-target=hit_rate]');
    t.match(
      await textOf(page, '[aria-labelledby=administration]'),
      /none of its roles may do this \(admin\)/,
    );
    await page.getByRole('button', { name: 'Sign in as administrator' }).click();
    await signIn(page, await tokenOf('admin'));
    await page.locator('[data-switch=everything]').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('alert').waitFor();
    t.equal(await page.locator('[data-target]').count(), 0);
  },
);

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token', { exact: true }).fill(token);
  await page.getByLabel('Token', { exact: true }).press('Enter');
}

async function textOf(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).textContent()) ?? '';
}

async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));`);
}

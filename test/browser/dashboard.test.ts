import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Browser, Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { tempFolder } from '../helpers/temp-folder.js';
import { secretMint } from '../helpers/tokens.js';
import { listeningApp } from '../integration/support/listening-app.js';
import { shopFolder } from '../integration/support/shop.js';
import { READER_KEY, testCredentials } from '../integration/support/test-credentials.js';
import { until } from '../integration/support/until.js';
import { watchedShop } from '../integration/support/watched-shop.js';
import { monitoringRoom, startBrowser, violationsOf } from './support/monitoring-room.js';

const browser = await startBrowser(t);

async function pageAt(t: Test, browser: Browser, url: string, options = {}): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  page.on('pageerror', (error) => t.fail(`the page threw: ${error.message}`));
  await page.goto(url);
  return page;
}

/** The rows of a query that nothing of dashcache runs. */
async function sqlOf(folder: string, sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(join(folder, 'shop.duckdb'), { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const shown = (value: number) => new Intl.NumberFormat('en-GB').format(value);

const figure = async (page: Page, title: string) => {
  const found = page.locator('dt', { hasText: new RegExp(`^${title}$`) }).locator('+ dd .figure');
  return (await found.textContent()) ?? '';
};

t.test('with the shop of several sites', async (t) => {
  const room = await monitoringRoom(t, browser);
  const { url } = room.service;
  const salesOf = async (site: number) => {
    const answer = await room.service.get(`/dashboards/shop/metrics?site_id=${site}`);
    return ((await answer.json()) as { data: { sales: number; revenue: number } }).data;
  };

  t.test(
    'from the list to a dashboard: one request loads all panels, with the numbers of the API',
    async (t) => {
      const page = await pageAt(t, browser, `${url}/`);
      const asked: string[] = [];
      page.on('request', (request) => asked.push(new URL(request.url()).pathname));
      await page.getByRole('link', { name: 'Shop' }).click();
      await page.waitForSelector('dt:text-is("Sales")');
      const { sales, revenue } = await salesOf(1);
      t.equal(await figure(page, 'Sales'), shown(sales));
      t.equal((await figure(page, 'Revenue')).replaceAll(',', ''), String(Math.round(revenue * 100) / 100));
      t.equal(asked.filter((path) => path === '/dashboards/shop').length, 1);
      t.notOk(asked.some((path) => /shop\/(metrics|charts|summary)/.test(path)));
      await page.waitForSelector('canvas');
      t.match(await page.locator('[role=status]').textContent(), 'Live');

      await page.getByLabel('Site id').selectOption('2');
      await page.waitForSelector(`dd .figure:text-is("${shown((await salesOf(2)).sales)}")`);
      t.match(page.url(), /#\/shop\?site_id=2$/);
      await page.reload();
      await page.waitForSelector('dt:text-is("Sales")');
      t.equal(await figure(page, 'Sales'), shown((await salesOf(2)).sales), 'the address can be shared');
      await page.goBack();
      await page.getByRole('heading', { name: 'Dashboards' }).waitFor();
      await page.context().close();
    },
  );

  t.test('a chart as a table has its figures, and is taken away as CSV', async (t) => {
    const page = await pageAt(t, browser, `${url}/#/shop?site_id=1`);
    const card = page.locator('section.panel', { hasText: 'By kind' });
    await card.getByRole('button', { name: 'Table' }).click();
    const answer = await room.service.get('/dashboards/shop/charts/by_kind?site_id=1');
    const { data } = (await answer.json()) as { data: { labels: string[]; series: { values: number[] }[] } };
    const rows = card.locator('tbody tr');
    t.equal(await rows.count(), data.labels.length);
    t.equal(await rows.first().textContent(), `${data.labels[0]}${shown(data.series[0]?.values[0] ?? 0)}`);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      card.getByRole('button', { name: 'CSV' }).click(),
    ]);
    t.match(download.suggestedFilename(), /\.csv$/);
    await page.context().close();
  });

  t.test('why a panel is as it is, is told when somebody asks', async (t) => {
    const page = await pageAt(t, browser, `${url}/#/shop?site_id=3`);
    const card = page.locator('section.panel', { hasText: 'Sales' }).first();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await card.getByText('Why').waitFor();
    t.notOk(asked.includes('/cache/why'), 'not before');
    await card.getByText('Why').click();
    await card.getByText('The next read is answered from memory').waitFor();
    t.match(await card.locator('details').textContent(), /loaded in .*because/);
    t.same(await violationsOf(page), []);
    await page.context().close();
  });

  t.test('dark and light are chosen, kept, and charts follow', async (t) => {
    const page = await pageAt(t, browser, `${url}/#/shop?site_id=1`, { colorScheme: 'light' });
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const picture = () => page.evaluate("document.querySelector('canvas').toDataURL()");
    await page.waitForSelector('canvas');
    const [light, drawnLight] = [await background(), await picture()];
    await page.getByLabel('Colours').selectOption('dark');
    t.not(await background(), light);
    t.not(await picture(), drawnLight, 'the chart has other colours');
    t.same(await violationsOf(page), []);
    await page.reload();
    await page.waitForSelector('canvas');
    t.not(await background(), light, 'kept');
    await page.getByLabel('Colours').selectOption('system');
    t.equal(await background(), light);
    t.equal(await page.evaluate('localStorage.length'), 0, 'nothing is kept where nothing was chosen');
    await page.context().close();
  });

  t.test('the numbers are those of SQL that is run directly', async (t) => {
    const page = await pageAt(t, browser, `${url}/#/shop?site_id=5&period=2026-02-01%2F2026-03-01`);
    await page.waitForSelector('dt:text-is("Sales")');
    const rows = await sqlOf(
      room.folder,
      `SELECT count(*), sum(amount) FROM sales WHERE site_id = 5 AND day >= DATE '2026-02-01' AND day < DATE '2026-03-01'`,
    );
    const [[count, sum] = []] = rows;
    t.ok(Number(count) > 0, 'there are some');
    t.equal(await figure(page, 'Sales'), shown(Number(count)));
    t.equal(Number((await figure(page, 'Revenue')).replaceAll(',', '')), Math.round(Number(sum) * 100) / 100);
    await page.context().close();
  });

  t.test('by the keyboard alone: to the content, to the site, and another one is chosen', async (t) => {
    const page = await pageAt(t, browser, `${url}/#/shop?site_id=1`);
    await page.waitForSelector('dt:text-is("Sales")');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    t.equal(await page.evaluate('document.activeElement.id'), 'content');
    await page.keyboard.press('Tab');
    t.equal(await page.evaluate('document.activeElement.tagName'), 'SELECT');
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction("location.hash.includes('site_id=2')");
    await page.context().close();
  });

  for (const colorScheme of ['light', 'dark'] as const)
    t.test(`360 px wide, ${colorScheme}: nothing is wider, and axe finds nothing`, async (t) => {
      const viewport = { width: 360, height: 800 };
      const page = await pageAt(t, browser, `${url}/#/shop?site_id=1`, { colorScheme, viewport });
      await page.waitForSelector('canvas');
      t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360);
      t.same(await violationsOf(page), []);
      await page.getByRole('button', { name: 'Table' }).first().click();
      t.same(await violationsOf(page), []);
      await page.goto(`${url}/#/`);
      await page.getByRole('heading', { name: 'Dashboards' }).waitFor();
      t.same(await violationsOf(page), []);
      await page.context().close();
    });

  t.test('a restart of the service: it is said, and then it is live again', async (t) => {
    const page = await pageAt(t, browser, `${url}/#/shop?site_id=1`);
    await page.waitForSelector('[role=status]:text("Live")');
    await room.restart(async () => {
      await page.waitForSelector('[role=status]:text("Cut off")');
      t.ok(await figure(page, 'Sales'), 'what was there stays');
    });
    await page.waitForSelector('[role=status]:text-is("Live")', { timeout: 40_000 });
    await page.context().close();
  });
});

t.test(
  'where identities are wanted: a token is asked for, and its tenant is the one that is shown',
  async (t) => {
    const { url } = await listeningApp(t, { folder: await shopFolder(t), credentials: testCredentials() });
    const page = await pageAt(t, browser, `${url}/#/shop`);
    await page.getByLabel('Token', { exact: true }).fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('The credential is invalid').waitFor();
    await page.getByLabel('Token', { exact: true }).fill(await secretMint().token({ claims: { tenant: 2 } }));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForSelector('dt:text-is("Sales")');
    t.equal(await page.getByLabel('Site id').locator('option').count(), 1);
    t.same(await violationsOf(page), []);
    t.equal(
      await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])'),
      '[{},{},""]',
    );
    await page.context().close();
  },
);

t.test('an API key signs in as well, and its tenants are offered', async (t) => {
  const { url } = await listeningApp(t, { folder: await shopFolder(t), credentials: testCredentials() });
  const page = await pageAt(t, browser, `${url}/#/shop`);
  await page.getByLabel('Credential').selectOption('key');
  await page.getByLabel('API key', { exact: true }).fill(READER_KEY);
  await page.getByRole('button', { name: 'Sign in' }).click();
  const site = page.getByLabel('Site id');
  await site.locator('option').nth(1).waitFor({ state: 'attached' });
  t.same(await site.locator('option:not([value=""])').allTextContents(), ['Site 1', 'Site 2']);
  await page.context().close();
});

t.test('a row that is inserted is seen by whoever looks, without a click', async (t) => {
  const { server, services } = await watchedShop(t, { feed: 'notify' });
  const pages = await Promise.all(services.map(({ url }) => pageAt(t, browser, `${url}/#/shop?site_id=1`)));
  for (const page of pages) await page.waitForSelector('[role=status]:text-is("Live")');
  for (const page of pages) t.equal(await figure(page, 'Tasks'), '1');
  await server.query('INSERT INTO tasks (site_id) VALUES (1)');
  for (const page of pages) {
    // Of the panels that count tasks, each is renewed in its own time.
    for (const title of ['Tasks', 'Open'])
      t.ok(await until(async () => (await figure(page, title)) === '2'), `${title} is 2`);
    await page.context().close();
  }
});

t.test(
  'a panel without an answer says why, and is asked for again; many dashboards are searched',
  async (t) => {
    const folder = join(tempFolder(t), 'dashboards');
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'dashcache.yaml'),
      'sources:\n  main: { type: duckdb, files: { notes: notes.csv } }\n',
    );
    writeFileSync(join(folder, 'notes.csv'), 'note\nnone\n');
    for (const id of ['one', 'two', 'three', 'four', 'five', 'six'])
      writeFileSync(
        join(folder, `${id}.yaml`),
        `id: ${id}\nsource: main\nmetrics: { title: Notes of ${id}, query: "SELECT CAST(min(note) AS INTEGER) AS least, 40545276123 AS cost, 40545276123 AS more FROM notes", values: { cost: { format: currency, unit: USD } } }\n`,
      );
    const { url } = await listeningApp(t, { folder });
    const page = await pageAt(t, browser, url);
    const search = page.getByLabel('Search');
    await search.fill('notes three');
    t.same(await page.locator('.list a').allTextContents(), ['Three']);
    await search.fill('nothing');
    await page.getByText('Nothing is called like that.').waitFor();
    await search.fill('one');
    await page.locator('.list a').click();
    const alert = page.getByRole('alert');
    await alert.waitFor();
    writeFileSync(join(folder, 'notes.csv'), 'note\n7\n');
    // The source sees the file only when it looks again.
    const again = alert.getByRole('button', { name: 'Try again' });
    await until(async () => {
      await again.click({ timeout: 500 }).catch(() => undefined);
      return (await page.getByText('Least').count()) > 0;
    });
    t.equal(await figure(page, 'Least'), '7');
    t.same(
      await page
        .locator('.figures .figure')
        .evaluateAll((all) => all.map(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)),
      [true, true, true],
      'a large amount does not run into the next',
    );
    t.same(await violationsOf(page), []);
    await page.context().close();
  },
);

import type { Browser, Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { secretMint } from '../helpers/tokens.js';
import { listeningApp } from '../integration/support/listening-app.js';
import { shopFolder } from '../integration/support/shop.js';
import { READER_KEY, testCredentials } from '../integration/support/test-credentials.js';
import { monitoringRoom, startBrowser, violationsOf } from './support/monitoring-room.js';

const browser = await startBrowser(t);

async function pageAt(t: Test, browser: Browser, url: string, options = {}): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  page.on('pageerror', (error) => t.fail(`the page threw: ${error.message}`));
  await page.goto(url);
  return page;
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

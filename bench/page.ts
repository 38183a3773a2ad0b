// How long a person waits for a warm dashboard, and for a change to show: `npm run bench:page`. Needs chromium; build first.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { parse, stringify } from 'yaml';
import { definitionsFolder } from '../demo/definitions-folder.js';
import { type Lifetime, withLifetime } from '../test/helpers/lifetime.js';
import { tempFolder } from '../test/helpers/temp-folder.js';
import { builtService } from '../test/integration/support/built-service.js';
import { watchedShop } from '../test/integration/support/watched-shop.js';
import { median } from './median.js';

const TIMES_COUNT = 20;
/** Beside the key figures and the summary. */
const CHARTS_COUNT = 7;
const WARM_MAX_MS = 300;
const LIVE_MAX_MS = 500;
const QUESTION = 'site_id=1&period=2026-01-01%2F2026-02-01';
/** Panels of the demo's dashboard: as many are shown, and as many of them as are charts are drawn. */
const IS_COMPLETE = `document.querySelectorAll('section.panel').length >= 9
  && document.querySelectorAll('.skeleton').length === 0
  && document.querySelectorAll('.plot').length === document.querySelectorAll('.plot canvas').length`;

function bound(what: string, values: readonly number[], maximumMs: number): void {
  const isKept = median(values) <= maximumMs;
  const most = Math.max(...values);
  process.stdout.write(
    `${isKept ? 'kept   ' : 'MISSED '} ${what}: ${Math.round(median(values))} ms as a median of ${values.length}, ${Math.round(most)} ms at most; ${maximumMs} ms wanted\n`,
  );
  if (!isKept) process.exitCode = 1;
}

/** Ms from the start of an action until a condition holds in the page, looked at with every frame. */
async function took(page: Page, action: () => Promise<unknown>, condition: string): Promise<number> {
  const startMs = performance.now();
  await action();
  await page.waitForFunction(condition, undefined, { polling: 'raf' });
  return performance.now() - startMs;
}

async function warmDashboard(page: Page, url: string): Promise<void> {
  const address = `${url}/#/operations?${QUESTION}`;
  await page.goto(address);
  await page.waitForFunction(IS_COMPLETE);
  const opened: number[] = [];
  const loaded: number[] = [];
  let requestsCount = 0;
  page.on('request', (request) => {
    if (/\/dashboards\/operations(\/|$)(?!live|options)/.test(new URL(request.url()).pathname))
      requestsCount++;
  });
  for (let n = 0; n < TIMES_COUNT; n++) {
    await page.goto(`${url}/#/`);
    await page.waitForSelector('.list');
    opened.push(await took(page, () => page.locator('.list a').first().click(), IS_COMPLETE));
    await page.goto('about:blank');
    loaded.push(await took(page, () => page.goto(address, { waitUntil: 'commit' }), IS_COMPLETE));
  }
  process.stdout.write(
    `${requestsCount / (2 * TIMES_COUNT)} requests for data each time, with those that the browser adds behind stale-while-revalidate\n`,
  );
  bound('from the list to a complete dashboard', opened, WARM_MAX_MS);
  bound(
    'from an empty page to a complete dashboard, scripts in the cache of the browser',
    loaded,
    WARM_MAX_MS,
  );
}

async function liveChange(browser: Browser, life: Lifetime): Promise<void> {
  const { server, services } = await watchedShop(life, { feed: 'notify' });
  const page = await (await browser.newContext({ bypassCSP: true })).newPage();
  await page.goto(`${services[1].url}/#/shop?site_id=1`);
  await page.waitForSelector('[role=status]:text-is("Live")');
  const seen: number[] = [];
  for (let n = 0; n < TIMES_COUNT; n++)
    seen.push(
      await took(
        page,
        () => server.query('INSERT INTO tasks (site_id) VALUES (1)'),
        `[...document.querySelectorAll('dd .figure')].some((one) => one.textContent === '${n + 2}')`,
      ),
    );
  bound('from an INSERT to the page of another process', seen, LIVE_MAX_MS);
}

/** The demo's dashboard with nine of its panels, as the bound is said of. */
function ninePanels(life: Lifetime): string {
  const own = definitionsFolder('dashboards');
  const folder = tempFolder(life);
  cpSync(own, folder, { recursive: true });
  const dashboard = parse(readFileSync(join(own, 'operations.yaml'), 'utf8'));
  const charts = Object.entries(dashboard.charts).slice(0, CHARTS_COUNT);
  writeFileSync(
    join(folder, 'operations.yaml'),
    stringify({ ...dashboard, charts: Object.fromEntries(charts) }),
  );
  return folder;
}

await withLifetime(async (life) => {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  });
  life.teardown(() => browser.close());
  const service = await builtService({
    words: ['--demo'],
    environment: { DATA_DIR: tempFolder(life), LOG_LEVEL: 'warn', DASHCACHE_CONFIG: ninePanels(life) },
  });
  life.teardown(() => service.stop());
  await warmDashboard(await (await browser.newContext({ bypassCSP: true })).newPage(), service.url);
  await liveChange(browser, life);
});

// Writes the pictures of the README, of both pages over the demo: `npm run screenshots`. Needs chromium (CHROMIUM, else /usr/bin/chromium).
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { withLifetime } from '../test/helpers/lifetime.js';
import { startService } from '../test/helpers/start-service.js';
import { tempFolder } from '../test/helpers/temp-folder.js';

const IMAGES = fileURLToPath(new URL('../docs/images/', import.meta.url));
const VIEWPORT = { width: 1200, height: 860 };
const QUESTION = 'site_id=1&period=2026-01-01%2F2026-02-01';
/** So that the charts of the monitoring page have minutes to show. */
const TRAFFIC_MS = 130_000;
const READ_EVERY_MS = 250;

async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${IMAGES}${name}.png`, animations: 'disabled' });
}

await withLifetime(async (life) => {
  mkdirSync(IMAGES, { recursive: true });
  const service = await startService({
    command: [process.execPath, fileURLToPath(new URL('../dist/cli/dashcache.js', import.meta.url))],
    words: ['--demo'],
    environment: { DATA_DIR: tempFolder(life), LOG_LEVEL: 'warn' },
  });
  life.teardown(() => service.stop());
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  });
  life.teardown(() => browser.close());
  const context = await browser.newContext({ viewport: VIEWPORT, colorScheme: 'light' });
  const page = await context.newPage();
  await page.goto(`${service.url}/#/operations?${QUESTION}`);
  await page.waitForSelector('canvas');
  await page.waitForLoadState('networkidle', { timeout: 3000 }).catch(() => undefined);
  await picture(page, 'dashboard');
  const endMs = performance.now() + TRAFFIC_MS;
  for (let n = 0; performance.now() < endMs; n++) {
    await (await service.get(`/dashboards/operations?site_id=${1 + (n % 4)}`)).arrayBuffer();
    await page.waitForTimeout(READ_EVERY_MS);
  }
  await page.goto(`${service.url}/monitoring`);
  await page.waitForSelector('.uplot canvas');
  await picture(page, 'monitoring');
});

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Test } from 'tap';
import { freePort } from '../../helpers/free-port.js';
import { type RedisServer, startRedis } from '../../helpers/redis-server.js';
import type { Service } from '../../helpers/start-service.js';
import { builtService } from '../../integration/support/built-service.js';
import { shopFolder } from '../../integration/support/shop.js';

export interface MonitoringRoom {
  readonly redis: RedisServer;
  /** Of the definitions and their data. */
  readonly folder: string;
  /** Another one after `restart`, at the same address. */
  readonly service: Service;
  restart(whileAway: () => Promise<void>): Promise<void>;
  /** The monitoring page in a context of its own, once its figures are there. What it says of faults fails the test at its end. */
  open(options?: BrowserContextOptions): Promise<Page>;
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The real service over a shop and a Redis, and a real browser. */
export async function monitoringRoom(t: Test, browser: Browser): Promise<MonitoringRoom> {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const folder = await shopFolder(t);
  const fixed = {
    DASHCACHE_CONFIG: folder,
    PORT: String(await freePort()),
    REDIS_URL: redis.url,
  };
  const start = () => builtService({ environment: fixed });
  let service = await start();
  t.teardown(() => service.stop());
  return {
    redis,
    folder,
    get service() {
      return service;
    },
    async restart(whileAway) {
      await service.stop();
      await whileAway();
      service = await start();
    },
    async open(options) {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      page.on('pageerror', (error) => t.fail(`the page threw: ${error.message}`));
      await page.goto(`${service.url}/monitoring`);
      return page;
    },
  };
}

/** Ends with the test. */
export async function startBrowser(t: Test): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    // The tests may run as root, in a container.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  });
  t.teardown(() => browser.close());
  return browser;
}

interface AxeWindow {
  readonly axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
}

/** What axe finds wrong with the page as it stands, as text. */
export async function violationsOf(page: Page): Promise<string[]> {
  // The policy of the page lets no script of others in; the debugger may evaluate.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as AxeWindow).axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
  });
}

/** Asks a service for all of the shop of a site. */
export async function readShop(service: Service, siteId = 1): Promise<string> {
  const answer = await service.get(`/dashboards/shop?site_id=${siteId}`);
  await answer.arrayBuffer();
  return answer.headers.get('cache-status') ?? '';
}

import type { Page } from 'playwright-core';
import t from 'tap';
import { monitoringRoom, readShop, startBrowser } from './support/monitoring-room.js';

t.test('an administrator', async (t) => {
  const room = await monitoringRoom(t, await startBrowser(t));
  const page = await room.open();
  const dialog = page.getByRole('dialog');
  const outcome = dialog.getByRole('status');

  t.test('switches a dashboard off and on: its reads go past the cache meanwhile', async (t) => {
    await readShop(room.service);
    t.match(await readShop(room.service), /hit/);
    await page.locator('summary', { hasText: 'shop' }).click();
    await page.getByRole('button', { name: 'Switch off… for all of shop' }).click();
    t.match(await dialog.textContent(), /All 4 panels of shop are read past the cache, in every process/);
    await dialog.getByRole('button', { name: 'Switch off' }).click();
    t.match(await settled(page), /The cache is off for all of shop. Confirmed by 1 of 1 process/);
    t.match(await readShop(room.service), /fwd=bypass/);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByText('✕ Off, by the switch of the dashboard').first().waitFor();
    t.match(
      await page.locator('[aria-labelledby=switches] [aria-live=polite]').textContent(),
      'The cache is off for all of shop.',
    );
    await page.getByRole('button', { name: 'Switch on… for all of shop' }).click();
    t.match(await dialog.textContent(), /stored before is purged/);
    await dialog.getByRole('button', { name: 'Switch on' }).click();
    t.match(await settled(page), /The cache is on for all of shop/);
    await dialog.getByRole('button', { name: 'Close' }).click();
    t.match(await readShop(room.service), /fwd=uri-miss/);
  });

  t.test('purges a dashboard of one site: its next reader waits, those of the others do not', async (t) => {
    for (const site of [1, 1, 2, 2]) await readShop(room.service, site);
    const form = page.locator('form[aria-labelledby=invalidating]');
    await form.getByRole('combobox', { name: 'Dashboard', exact: true }).selectOption('shop');
    await form.getByLabel('Tenant').fill('1');
    await form.getByRole('button', { name: 'Invalidate…' }).click();
    t.match(
      await dialog.textContent(),
      'All 4 panels of shop for site 1 are purged in every process; the next reader waits for the database.',
    );
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    t.match(await readShop(room.service, 1), /hit/, 'what was not confirmed is not done');
    await form.getByRole('button', { name: 'Invalidate…' }).click();
    await dialog.getByRole('button', { name: 'Purge' }).click();
    t.match(await settled(page), /^✓ Purged. Confirmed by 1 of 1 process. Redis has it./);
    await dialog.getByRole('button', { name: 'Close' }).click();
    t.match(await readShop(room.service, 1), /fwd=uri-miss/);
    t.match(await readShop(room.service, 2), /hit/);
    await page.locator('.words', { hasText: 'dashboard shop of tenant 1 purged' }).first().waitFor();
  });

  t.test('by keyboard alone: warms a panel, and the focus comes back', async (t) => {
    const form = page.locator('form[aria-labelledby=warming]');
    await form.getByRole('combobox', { name: 'Dashboard', exact: true }).focus();
    await page.keyboard.type('pri');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    t.match(await dialog.textContent(), /All 2 panels of prices are loaded now, unless fresh already/);
    t.equal(await focused(page), 'Cancel', 'what harms is not what Enter does');
    await page.keyboard.press('Tab');
    t.equal(await focused(page), 'Warm');
    await page.keyboard.press('Enter');
    t.match(await settled(page), /2 loaded, 0 fresh already, 0 failed.*A read now hits 2 of 2/);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    t.equal(await focused(page), 'Warm…');
  });

  t.test('while Redis does not answer: the page says that it was not taken everywhere', async (t) => {
    room.redis.freeze();
    t.teardown(() => room.redis.thaw());
    await page.getByRole('button', { name: 'Switch off… for everything' }).click();
    await dialog.getByRole('button', { name: 'Switch off' }).click();
    t.match(await settled(page), /^✕ The switch holds in this process only/);
    await dialog.getByRole('button', { name: 'Close' }).click();
    room.redis.thaw();
    await page.getByRole('button', { name: 'Switch on… for everything' }).click({ timeout: 15_000 });
    await dialog.getByRole('button', { name: 'Switch on' }).click();
    t.match(await settled(page), /The cache is on for everything/);
    await dialog.getByRole('button', { name: 'Close' }).click();
  });

  t.test('the service is away and comes back: the last figures stay, and then new ones', async (t) => {
    const reads = page.locator('[data-figure=reads] .figure');
    await room.restart(async () => {
      await page.getByText('Not up to date.').waitFor({ timeout: 15_000 });
      t.ok(Number(await reads.textContent()) > 0);
    });
    await readShop(room.service);
    await page.getByText('Not up to date.').waitFor({ state: 'detached', timeout: 15_000 });
    await reads.filter({ hasText: /^4$/ }).waitFor({ timeout: 15_000 });
  });

  /** What the dialog says when it is over. */
  async function settled(page: Page): Promise<string> {
    await outcome.filter({ hasText: /^[✓✕]/ }).waitFor();
    return (await page.getByRole('dialog').getByRole('status').textContent()) ?? '';
  }
});

function focused(page: Page): Promise<unknown> {
  return page.evaluate('document.activeElement?.textContent');
}

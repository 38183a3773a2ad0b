import { fastify } from 'fastify';
import t from 'tap';
import { openPage } from '../helpers/browser.js';
import { listeningApp } from './support/listening-app.js';
import { shopFolder } from './support/shop.js';

for (const base of ['', '/dash'])
  t.test(`a browser shows every operation under its strict policy; under ${base || '/'}`, async (t) => {
    const { url } = await listeningApp(t, { folder: await shopFolder(t), environment: { BASE_PATH: base } });
    const page = await openPage(t, `${url}${base}/documentation`);
    t.same(page.console, [], 'nothing is refused or broken');
    for (const id of [
      'operations-data-readMetrics-shop',
      'operations-data-readChart-shop-by_day',
      'operations-data-readOptions-shop-site_id',
      'operations-statistics-readStatistics',
      'operations-health-checkReady',
      'operations-description-describe',
    ])
      t.match(page.dom, `id="${id}"`);
  });

t.test('control: what a policy refuses is said in the console', async (t) => {
  const app = fastify();
  t.teardown(() => app.close());
  app.get('/', (_request, reply) =>
    reply
      .header('content-security-policy', "script-src 'self'")
      .type('text/html')
      .send('<link rel="icon" href="data:,"><script>document.title = "run"</script>'),
  );
  const page = await openPage(t, await app.listen({ port: 0, host: '127.0.0.1' }));
  t.equal(page.console.length, 1, page.console.join('\n'));
  t.match(page.console[0], 'Content Security Policy');
  t.notMatch(page.dom, '>run<');
});

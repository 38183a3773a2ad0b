import { readFileSync } from 'node:fs';
import t from 'tap';
import { buildApp } from '../../app.js';
import { routesOf } from '../helpers/routes-of.js';
import { smallConfig, smallFolder } from '../plugins/fixtures/small-service.js';

const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');

t.test('docs/api.md names every route, and no other', async (t) => {
  const app = await buildApp(smallConfig(smallFolder(t)));
  t.teardown(() => app.close());
  const routes = routesOf(app);
  const named = [...page.matchAll(/^\| `(\/[^`]*)` \|/gm)].map(([, url = '']) =>
    url.replace(/:(\w+)/g, '{$1}'),
  );
  for (const url of named) t.ok(routes.has(url), url);
  // What the pages load is nobody else's.
  const own = [...routes.keys()].filter((path) => !/^\/documentation\/|\*$/.test(path));
  t.equal(named.length + 1, own.length, 'all of them; the statistics once without their slash');
});

t.test('docs/api.md names every header that tells of freshness', async (t) => {
  const app = await buildApp(smallConfig(smallFolder(t)));
  t.teardown(() => app.close());
  const { headers } = await app.inject({
    url: '/dashboards/work?site_id=7',
    headers: { 'accept-encoding': 'br' },
  });
  for (const name of [
    'etag',
    'age',
    'cache-control',
    'vary',
    'content-encoding',
    'cache-status',
    'dashcache-panels',
  ]) {
    t.ok(headers[name], `${name} is sent`);
    t.match(page, new RegExp(`^\\| \`${name}\` \\|`, 'im'), `${name} is explained`);
  }
});

import fc from 'fast-check';
import t from 'tap';
import { buildApp } from '../../app.js';
import { smallConfig, smallFolder } from '../plugins/fixtures/small-service.js';

t.test('no random address is ever a 5xx, and none is answered with the data of another key', async (t) => {
  const app = await buildApp(smallConfig(smallFolder(t)));
  t.teardown(() => app.close());
  const odd = ['07', '7.0', ' 7', '7 ', '1e1', '-7', '9007199254740993', '', 'pending'];
  const value = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('7', '8', '%37') },
    fc.constantFrom(...odd).map(encodeURIComponent),
    fc.string().map(encodeURIComponent),
  );
  const name = fc.oneof(
    { weight: 6, arbitrary: fc.constant('site_id') },
    fc.constantFrom('status', 'site_id%5B%5D', 'SITE_ID', '__proto__', 'site%5fid'),
    fc.string().map(encodeURIComponent),
  );
  const pair = fc.tuple(name, value).map(([key, text]) => `${key}=${text}`);
  const garbage = fc.stringMatching(/^[%&=?#;:+.a-z0-9[\]/~-]{0,40}$/);
  const query = fc.oneof(
    { weight: 4, arbitrary: fc.array(pair, { maxLength: 3 }).map((pairs) => pairs.join('&')) },
    garbage,
    garbage.map((text) => `site_id=7&${text}`),
  );
  const path = fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .constantFrom('work/summary', 'work', 'work/metrics', 'open')
        .map((id) => `/dashboards/${id}`),
    },
    garbage.map((text) => `/dashboards/${text}`),
    garbage.map((text) => `/${text}`),
  );
  let servedCount = 0;
  await fc.assert(
    fc.asyncProperty(path, query, async (path, query) => {
      const response = await app.inject(`${path}?${query}`);
      if (response.statusCode >= 500) return false;
      if (response.statusCode !== 200 || !/^\/dashboards\/work(\/\w+)?$/.test(path)) return true;
      servedCount++;
      // What is answered is what the query says, read by the WHATWG parser and nothing of ours.
      const asked = new URLSearchParams(query.split('#', 1)[0]);
      const body = response.json();
      return asked.getAll('site_id').length === 1 && String(body.params.site_id) === asked.get('site_id');
    }),
    { numRuns: 2000 },
  );
  t.ok(servedCount > 50, `${servedCount} were served`);
});

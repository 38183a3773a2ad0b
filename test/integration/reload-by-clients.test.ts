import t from 'tap';
import { Barrier } from '../helpers/barrier.js';
import { listeningApp } from './support/listening-app.js';
import { scriptSource } from './support/scripted-source.js';
import { shopFolder } from './support/shop.js';

const PATH = '/dashboards/shop/metrics?site_id=2';
const ADMIN_TOKEN = 'a-token-of-the-administrators-0123456789';
const NO_CACHE = { 'cache-control': 'no-cache' };
const STAFF = { ...NO_CACHE, authorization: `Bearer ${ADMIN_TOKEN}` };

t.test('given Cache-Control: no-cache', async (t) => {
  const service = await listeningApp(t, { folder: await shopFolder(t), environment: { ADMIN_TOKEN } });
  const source = scriptSource(service.app);
  const { headers } = await service.get(PATH);
  const asked = (): number => source.askedCount;

  await t.test('of an administrator, the source is asked, and the answer says why', async (t) => {
    const before = asked();
    const answer = await service.get(PATH, { headers: STAFF });
    t.match(answer.cacheStatus, /^dashcache; fwd=request; stored; ttl=\d+$/);
    t.equal(asked(), before + 1);
    const whole = await service.get('/dashboards/shop?site_id=2', { headers: STAFF });
    t.equal(whole.cacheStatus, 'dashcache; fwd=request');
  });

  for (const [who, given] of [
    ['nobody in particular', NO_CACHE],
    ['who has a wrong token', { ...STAFF, authorization: 'Bearer wrong' }],
    ['who revalidates', { ...STAFF, 'if-none-match': String(headers.etag) }],
    ['who says something else', { ...STAFF, 'cache-control': 'max-age=0, x-no-cache' }],
  ] as const)
    await t.test(`of ${who}, it is a hit`, async (t) => {
      const before = asked();
      const answer = await service.get(PATH, { headers: given });
      t.match(answer.cacheStatus, /^dashcache; hit;/);
      t.equal(asked(), before);
    });

  await t.test(
    'of 20 administrators while one load is held, one load more serves all who came later',
    async (t) => {
      source.barrier = new Barrier();
      const reader = service.app.dashboardReader;
      const reload = reader.reload.bind(reader);
      const arrivals = new Barrier();
      reader.reload = (request) => {
        void arrivals.pass();
        return reload(request);
      };
      const before = asked();
      const first = service.get(PATH, { headers: STAFF });
      await source.barrier.arrived(1);
      const later = Array.from({ length: 19 }, () => service.get(PATH, { headers: STAFF }));
      await arrivals.arrived(20);
      source.barrier.open();
      t.ok((await Promise.all([first, ...later])).every(({ status }) => status === 200));
      t.equal(asked(), before + 2);
      arrivals.open();
      source.barrier = null;
    },
  );
});

import t from 'tap';
import { loggedRequest } from '../../../services/report/logged-request.js';

const common = (address: string, status = 200, method = 'GET') =>
  `10.0.0.7 - - [25/Nov/2026:21:36:45 +0100] "${method} ${address} HTTP/1.1" ${status} 512`;
const own = (req: object, statusCode = 200) =>
  JSON.stringify({
    level: 30,
    time: Date.UTC(2026, 10, 25, 20, 36, 45),
    req,
    res: { statusCode },
    msg: 'request completed',
  });
const AT_MS = Date.UTC(2026, 10, 25, 20, 36, 45);

t.test('reads of data in every format: the address as it was, at its instant', async (t) => {
  for (const address of [
    '/dashboards/operations',
    '/dashboards/operations?site_id=7&period=30d',
    '/dashboards/operations/metrics?site_id=7',
    '/dashboards/operations/charts/tasks',
    '/dash/dashboards/operations/summary/?site_id=7',
  ]) {
    t.same(loggedRequest(common(address)), { atMs: AT_MS, address });
    t.same(loggedRequest(`${common(address)} "https://a.example/" "Mozilla/5.0 \\"x\\""`), {
      atMs: AT_MS,
      address,
    });
    t.same(loggedRequest(own({ method: 'GET', url: address })), { atMs: AT_MS, address });
  }
  t.same(loggedRequest(common('/dashboards/a', 304, 'HEAD')), { atMs: AT_MS, address: '/dashboards/a' });
});

t.test('what is no read that was answered with data: null', async (t) => {
  for (const line of [
    '',
    'GET /dashboards/operations',
    common('/dashboards'),
    common('/dashboards/operations/options/site_id'),
    common('/dashboards/operations/live'),
    common('/health/ready'),
    common('/dashboards/operations', 400),
    common('/dashboards/operations', 502),
    common('/dashboards/operations', 200, 'POST'),
    common('/search?next=/dashboards/operations'),
    own({ method: 'POST', url: '/dashboards/operations' }),
    own({ method: 'GET', url: '/dashboards/operations' }, 404),
    '{"time":1',
    '{"time":1,"req":null,"res":7}',
    '{"req":{"method":"GET","url":"/dashboards/a"},"res":{"statusCode":200}}',
    '10.0.0.7 - - [25/Foo/2026:21:36:45 +0100] "GET /dashboards/a HTTP/1.1" 200 512',
  ])
    t.equal(loggedRequest(line), null, line);
});

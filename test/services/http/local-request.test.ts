import t from 'tap';
import { isForeignOrigin, isLoopbackHost } from '../../../services/http/local-request.js';

t.test('names and addresses of this machine are loopback, with any port', async (t) => {
  for (const host of [
    'localhost',
    'LOCALHOST:8000',
    '127.0.0.1',
    '127.9.9.9:1',
    '[::1]',
    '[::1]:8000',
    undefined,
  ])
    t.ok(isLoopbackHost(host), String(host));
});

t.test('names that others may own are not, whatever they look like', async (t) => {
  for (const host of [
    '',
    'localhost.evil.example',
    'evil.example',
    '127.0.0.1.evil.example',
    'localhost:8000@evil.example',
    'xlocalhost',
    '0.0.0.0',
    '::1',
    '10.0.0.1',
    '127.0.0.1:port',
  ])
    t.notOk(isLoopbackHost(host), host);
});

t.test('an origin is foreign unless it is the host that is asked', async (t) => {
  t.notOk(isForeignOrigin(undefined, 'localhost:8000'), 'no browser, or a plain navigation');
  t.notOk(isForeignOrigin('http://localhost:8000', 'LocalHost:8000'));
  for (const origin of ['null', '', 'http://evil.example', 'http://localhost:3000', 'http://localhost', 'x'])
    t.ok(isForeignOrigin(origin, 'localhost:8000'), origin);
});

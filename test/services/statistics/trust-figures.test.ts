import { spawnSync } from 'node:child_process';
import t from 'tap';
import { Prometheus } from '../../../services/statistics/prometheus.js';
import { trustFigures } from '../../../services/statistics/trust-figures.js';

const textOf = (trust: Parameters<typeof trustFigures>[0]) =>
  new Prometheus({ statistics: null, ledger: null, figures: () => trustFigures(trust) }).text();

t.test('given Redis, the bounds are told in seconds', async (t) => {
  const text = await textOf({ trustMs: 1000, unconfirmedForMs: 125 });
  t.match(text, /^dashcache_trust_seconds 1$/m);
  t.match(text, /^dashcache_unconfirmed_seconds 0\.125$/m);
});

t.test('given no answered look yet, its age is infinite, and promtool reads it', async (t) => {
  const text = await textOf({ trustMs: 1000, unconfirmedForMs: Number.POSITIVE_INFINITY });
  t.match(text, /^dashcache_unconfirmed_seconds \+Inf$/m);
  const { stdout, stderr, status } = spawnSync('promtool', ['check', 'metrics'], { input: text });
  t.equal(`${stdout}${stderr}`, '');
  t.equal(status, 0);
});

t.test('given no Redis, there are no bounds', async (t) => {
  t.same(trustFigures({ trustMs: Number.POSITIVE_INFINITY, unconfirmedForMs: 1 }), []);
});

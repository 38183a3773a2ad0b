// Whether anybody ever sees another tenant's data: `npm run bench:leaks -- --requests 100000`.
import { parseArgs } from 'node:util';
import { startNginx, startVarnish } from '../test/helpers/http-proxies.js';
import { withLifetime } from '../test/helpers/lifetime.js';
import { SeededRandom, testSeed } from '../test/helpers/seeded-random.js';
import { huntLeaks } from '../test/integration/support/leak-hunt.js';
import { leakWorld } from '../test/integration/support/leak-world.js';

const { values } = parseArgs({ options: { requests: { type: 'string', default: '1000000' } } });
const seed = testSeed();

await withLifetime(async (life) => {
  const upstreams = await leakWorld(life, 3);
  const nginx = await startNginx(life, { upstreams });
  const varnish = await startVarnish(life, { upstreams });
  const startMs = performance.now();
  const { leaks, statuses, requestsCount } = await huntLeaks({
    targets: [...upstreams, nginx.url, varnish.url],
    service: upstreams[0] ?? '',
    requestsCount: Number(values.requests),
    random: new SeededRandom(seed),
    connectionsCount: 32,
  });
  const seconds = Math.round((performance.now() - startMs) / 1000);
  const told = [...statuses].sort().map(([status, count]) => `${count} x ${status}`);
  process.stdout.write(`seed ${seed}: ${requestsCount} requests in ${seconds} s: ${told.join(', ')}\n`);
  process.stdout.write(`${leaks.length} leaks\n${leaks.slice(0, 20).join('\n')}\n`);
  if (leaks.length > 0) process.exitCode = 1;
});

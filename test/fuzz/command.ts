// Hostile requests against the real service: `npm run fuzz -- --seed 7 --requests 500000`.
import { parseArgs } from 'node:util';
import { withLifetime } from '../helpers/lifetime.js';
import { testSeed } from '../helpers/seeded-random.js';
import { fuzz } from './fuzz.js';
import { CANARIES, fuzzedService } from './fuzz-world.js';
import { canariesIn } from './secrets-in-log.js';

const { values } = parseArgs({
  options: { seed: { type: 'string' }, requests: { type: 'string', default: '500000' } },
});
const seed = values.seed === undefined ? testSeed() : Number(values.seed);
const requestsCount = Number(values.requests);

await withLifetime(async (lifetime) => {
  const service = await fuzzedService(lifetime);
  process.stderr.write(`${requestsCount} requests, seed ${seed}\n`);
  const startMs = performance.now();
  const figures = await fuzz({
    url: service.url,
    seed,
    requestsCount,
    adminToken: CANARIES.adminToken,
    canaries: Object.values(CANARIES),
  });
  const logged = canariesIn(service.lines);
  const live = await service.get('/health/live').catch(() => null);
  const seconds = (performance.now() - startMs) / 1000;
  process.stdout.write(
    `${JSON.stringify({ ...figures, logged, seconds, isAlive: live?.status === 200 }, null, 2)}\n`,
  );
  process.exitCode = figures.faultsCount === 0 && logged.length === 0 && live?.status === 200 ? 0 : 1;
});

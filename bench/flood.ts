// What the others notice, and what it takes in memory and in Redis, when one tenant asks ever new questions: `npm run bench:flood -- --requests 1000000`.
import { parseArgs } from 'node:util';
import { withLifetime } from '../test/helpers/lifetime.js';
import { type FloodFigures, type FloodOptions, runFlood, type Usage } from './flood-run.js';
import { canPin, pinToCore } from './pin-to-core.js';

const MEBIBYTE = 1024 * 1024;
const LARGEST_LOSS_POINTS = 5;
const LARGEST_EXPOSITION_BYTES = 256_000;
const MEMORY_SLACK = 1.1;
/** What a process takes beside its entries whatever their limit is: the requests that were read of late, failures, code. */
const BASE_BYTES = 16 * MEBIBYTE;

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    memory: { type: 'string', default: String(64 * MEBIBYTE) },
    redis: { type: 'string', default: '100000000' },
  },
});
const OPTIONS: FloodOptions = {
  requestsCount: Number(values.requests),
  connectionsCount: 16,
  memoryMaxBytes: Number(values.memory),
  redisMaxBytes: Number(values.redis),
  othersPerSecondCount: 100,
  quietMs: 10_000,
  core: canPin() ? 1 : null,
};

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}

function bound(what: string, isKept: boolean): boolean {
  write(`${isKept ? 'kept   ' : 'MISSED '} ${what}`);
  return isKept;
}

const inMebibytes = (bytes: number) => `${(bytes / MEBIBYTE).toFixed(1)} MiB`;
const inPercent = (share: number) => `${(100 * share).toFixed(2)} %`;

function usageLine(what: string, usage: Usage): string {
  const { rssBytes, heldBytes, entriesBytes, prefixBytes, keysBytes, redisBytes } = usage;
  return [
    `${what.padEnd(14)} resident ${inMebibytes(rssBytes)}`,
    `held ${inMebibytes(heldBytes)}`,
    `entries ${inMebibytes(entriesBytes)}`,
    `prefix ${(prefixBytes / 1e6).toFixed(1)} MB by the ledger, ${(keysBytes / 1e6).toFixed(1)} MB key by key, all of Redis ${(redisBytes / 1e6).toFixed(1)} MB`,
  ].join(', ');
}

/** Prints each bound, and whether it was kept. */
function isMet(figures: FloodFigures): boolean {
  const { withoutCache, before, after, most, hitShareBefore, hitShareDuring } = figures;
  const heldBytes = most.heldBytes - withoutCache.heldBytes;
  const residentBytes = most.rssBytes - withoutCache.rssBytes;
  const lostPoints = 100 * (hitShareBefore - hitShareDuring);
  const added = [...after.series].filter((name) => !before.series.has(name));
  for (const name of added) write(`        new: ${name}`);
  const bounds = [
    bound(
      `${inMebibytes(heldBytes)} heap and external memory after the flood and a collection, beyond a process that keeps nothing (resident, garbage included: ${inMebibytes(residentBytes)}); MEMORY_MAX_BYTES is ${inMebibytes(OPTIONS.memoryMaxBytes)}, with 10 % and ${inMebibytes(BASE_BYTES)} for all else`,
      heldBytes <= MEMORY_SLACK * OPTIONS.memoryMaxBytes + BASE_BYTES,
    ),
    bound(
      `${(most.keysBytes / 1e6).toFixed(1)} MB of keys in Redis at most, as it weighs them; REDIS_MAX_BYTES is ${OPTIONS.redisMaxBytes / 1e6} MB`,
      most.keysBytes <= OPTIONS.redisMaxBytes,
    ),
    bound(
      `hit rate of the others ${inPercent(hitShareBefore)} before, ${inPercent(hitShareDuring)} during ${figures.othersCount} requests`,
      lostPoints <= LARGEST_LOSS_POINTS,
    ),
    bound(`${figures.othersFailedCount} of the others' requests failed`, figures.othersFailedCount === 0),
    bound(
      `${before.series.size} series before, ${after.series.size} after, ${most.expositionBytes} bytes at most`,
      added.length === 0 && most.expositionBytes <= LARGEST_EXPOSITION_BYTES,
    ),
  ];
  return bounds.every((isKept) => isKept);
}

if (canPin()) pinToCore(process.pid, 0);
const figures = await withLifetime((life) => runFlood(life, OPTIONS));
write(`${OPTIONS.requestsCount} questions of one tenant, ${Math.round(figures.perSecondCount)} a second:`);
for (const [status, count] of figures.statuses) write(`  ${count} x ${status}`);
write(usageLine('without cache', figures.withoutCache));
write(usageLine('before', figures.before));
write(usageLine('most', figures.most));
write(usageLine('after', figures.after));
process.exitCode = isMet(figures) ? 0 : 1;

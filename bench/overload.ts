// What ten times the load that it can bear does to a service, half of it in the cache and half not: `npm run bench:overload`.
// With `--source fast` a query costs the process more than the source; with `slow` (the default) it takes 50 ms, four at once.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { type Lifetime, withLifetime } from '../test/helpers/lifetime.js';
import { builtService } from '../test/integration/support/built-service.js';
import { manyQuestions, questionPath, TENANTS_COUNT } from '../test/integration/support/many-questions.js';
import { openLoop, percentileMs, type Sent } from './open-loop.js';
import { canPin, pinToCore } from './pin-to-core.js';

const { values } = parseArgs({ options: { source: { type: 'string', default: 'slow' } } });
const SLOW_QUERY_MS = 50;
const WARM_UP = { perSecondCount: 400, durationMs: 5000 };
const RAMP_MS = 3000;
const OVERLOAD_MS = 10_000;
const NORMAL_MS = 10_000;
const BACK_WITHIN_MS = 5000;
const IN_TIME_MS = 2000;
const OVERLOAD_FACTOR = 10;
const LEAST_GOODPUT_SHARE = 0.8;
const RAMP = [50, 75, 100, 125, 150, 175, 200, 300, 400, 500, 600, 800, 1000, 1200, 1400, 1600];
/** Of what is asked: goodput follows. */
const FOLLOWS_SHARE = 0.95;
/** Of the peak: what is normal. */
const NORMAL_SHARE = 0.3;

let newCount = 1_000_000;
const warm = Array.from({ length: TENANTS_COUNT }, (_empty, i) => questionPath(i + 1, 0));

/** Every second one is new to everybody. */
function mixed(count: number): string[] {
  return Array.from({ length: count }, (_empty, i) =>
    i % 2 === 0 ? (warm[(i / 2) % warm.length] ?? '/') : questionPath(1 + (i % TENANTS_COUNT), newCount++),
  );
}

async function load(url: string, perSecondCount: number, durationMs: number): Promise<Sent[]> {
  const paths = mixed(Math.ceil((perSecondCount * durationMs) / 1000) + 1);
  return openLoop({ url, paths, perSecondCount, durationMs });
}

/** Correct answers in time, a second. */
function goodput(sent: readonly Sent[], durationMs: number): number {
  const good = sent.filter(({ status, tookMs }) => status === 200 && tookMs <= IN_TIME_MS);
  return (good.length * 1000) / durationMs;
}

function bound(what: string, isKept: boolean): boolean {
  process.stdout.write(`${isKept ? 'kept   ' : 'MISSED '} ${what}\n`);
  return isKept;
}

/** Endpoints that answer after a while; resolves to their address. */
async function slowEndpoints(life: Lifetime): Promise<string> {
  const server = createServer((request, response) => {
    const answer = JSON.stringify({ asked: request.url, text: 'x'.repeat(600) });
    setTimeout(
      () => response.writeHead(200, { 'content-type': 'application/json' }).end(answer),
      SLOW_QUERY_MS,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  life.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

if (canPin()) pinToCore(process.pid, 0);
await withLifetime(async (life) => {
  const address = values.source === 'fast' ? null : await slowEndpoints(life);
  const environment = { DASHCACHE_CONFIG: manyQuestions(life, address), LOG_LEVEL: 'warn' };
  const service = await builtService({ environment });
  life.teardown(() => service.stop());
  if (canPin()) pinToCore(service.pid, 1);
  for (const path of warm) await (await service.get(path)).arrayBuffer();

  await load(service.url, WARM_UP.perSecondCount, WARM_UP.durationMs);

  let peak = 0;
  for (const perSecondCount of RAMP) {
    const borne = goodput(await load(service.url, perSecondCount, RAMP_MS), RAMP_MS);
    process.stdout.write(`${perSecondCount}/s asked, ${Math.round(borne)}/s answered in time\n`);
    if (borne < perSecondCount * FOLLOWS_SHARE) break;
    peak = borne;
  }
  const normal = peak * NORMAL_SHARE;
  const before = await load(service.url, normal, RAMP_MS);
  const during = await load(service.url, peak * OVERLOAD_FACTOR, OVERLOAD_MS);
  const after = await load(service.url, normal, NORMAL_MS);

  const ofWarm = during.filter((_one, i) => i % 2 === 0);
  const shedCount = ofWarm.filter(({ status }) => status === 503).length;
  const lateCount = ofWarm.filter(({ status, tookMs }) => status === 0 || tookMs > IN_TIME_MS).length;
  const statuses = new Map<number, number>();
  for (const { status } of during) statuses.set(status, (statuses.get(status) ?? 0) + 1);
  const borne = goodput(during, OVERLOAD_MS);
  const back = percentileMs(
    after.filter(({ atMs }) => atMs >= BACK_WITHIN_MS),
    0.99,
  );
  const usual = percentileMs(before, 0.99);
  const askedFor = during.at(-1)?.sentAtMs ?? Number.NaN;
  process.stdout.write(
    `${during.length} requests, ${Math.round(peak * OVERLOAD_FACTOR)}/s wanted, ${Math.round((during.length * 1000) / askedFor)}/s sent, p99 ${Math.round(percentileMs(during, 0.99))} ms\n`,
  );
  for (const [status, count] of statuses)
    process.stdout.write(`  ${count} x ${status === 0 ? 'no answer' : status}\n`);
  const bounds = [
    bound(
      `${shedCount} of ${ofWarm.length} warm requests shed, ${lateCount} not answered within ${IN_TIME_MS / 1000} s`,
      shedCount === 0,
    ),
    bound(
      `${Math.round(borne)}/s answered in time, the peak is ${Math.round(peak)}/s`,
      borne >= LEAST_GOODPUT_SHARE * peak,
    ),
    bound(
      `p99 ${usual.toFixed(1)} ms before, ${back.toFixed(1)} ms from ${BACK_WITHIN_MS / 1000} s after`,
      back <= 2 * usual,
    ),
  ];
  if (!bounds.every((isKept) => isKept)) process.exitCode = 1;
});

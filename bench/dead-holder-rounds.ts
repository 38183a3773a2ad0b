import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Barrier } from '../test/helpers/barrier.js';
import { held, json } from '../test/helpers/scripted-upstream.js';
import type { Service } from '../test/helpers/start-service.js';
import { type Answer, ask } from '../test/integration/support/ask.js';
import { statisticsOf } from '../test/integration/support/counters.js';
import { leasesIn } from '../test/integration/support/leases.js';
import { pathOfKey, type Replicas } from '../test/integration/support/replicas.js';
import { until } from '../test/integration/support/until.js';

export const QUERY_MS = 500;
const KILL_AFTER_MS = 100;
/** A killed holder costs the others its lease of 2 s and a query; what is more is ours. */
export const ANSWERED_WITHIN_MS = 2000 + QUERY_MS + 250;

interface Unanswered {
  /**
   * How often Redis did not answer a process in time, or one lost its lease while it was awake, as on a machine that has too
   * much else to do. Each may be one execution more.
   */
  readonly unansweredCount: number;
}

/** What rounds were like whose holder was killed. */
export interface KilledFigures extends Unanswered {
  readonly roundsCount: number;
  readonly readsCount: number;
  /** With 200 and what the second query gave. */
  readonly answeredCount: number;
  readonly maxExecutionsCount: number;
  readonly fastestMs: number;
  readonly slowestMs: number;
}

/**
 * Rounds at the same time, each with a process of its own that is killed 100 ms after its query has begun, while readers of
 * all the others wait for it.
 */
export async function killedRounds(options: {
  replicas: Replicas;
  others: readonly Service[];
  readersCount: number;
  roundsCount: number;
}): Promise<KilledFigures> {
  const { replicas, others, roundsCount } = options;
  const holders = await Promise.all(Array.from({ length: roundsCount }, () => replicas.start()));
  const unansweredBefore = await unansweredBy(others);
  const rounds = await Promise.all(holders.map((holder) => killedRound({ ...options, holder })));
  const reads = rounds.flatMap((round) => round.reads);
  const tookMs = reads.map((read) => read.tookMs);
  return {
    roundsCount,
    readsCount: reads.length,
    answeredCount: reads.filter(({ answer }) => answer.status === 200 && callOf(answer) === 2).length,
    maxExecutionsCount: Math.max(...rounds.map((round) => round.executionsCount)),
    fastestMs: Math.min(...tookMs),
    slowestMs: Math.max(...tookMs),
    unansweredCount: (await unansweredBy(others)) - unansweredBefore,
  };
}

async function killedRound(options: {
  replicas: Replicas;
  holder: Service;
  others: readonly Service[];
  readersCount: number;
}) {
  const { replicas, holder, others, readersCount } = options;
  const { upstream } = replicas;
  const [key] = newKeys('killed', 1);
  upstream.on(`/${key}`, afterQuery(1), afterQuery(2));
  const own = readOf(holder, key).catch(() => null);
  await until(() => upstream.callsOf(`/${key}`) > 0, { everyMs: 2 });
  const reading = others.flatMap((other) =>
    Array.from({ length: readersCount }, () => timedRead(other, key)),
  );
  await sleep(KILL_AFTER_MS);
  holder.signal('SIGKILL');
  const reads = await Promise.all(reading);
  await own;
  return { reads, executionsCount: upstream.callsOf(`/${key}`) };
}

/** What rounds were like whose holder was suspended past its lease, and woken. */
export interface FrozenFigures extends Unanswered {
  readonly roundsCount: number;
  /** In which every process gives the newer value afterwards, the holder and one that had never asked among them. */
  readonly newerCount: number;
  /** In which some process gives the older one. */
  readonly olderCount: number;
  readonly maxExecutionsCount: number;
}

/**
 * Rounds at the same time in one process, which holds their leases, sleeps until another has loaded all of them, and wakes. What
 * it had asked for has come while it slept, or comes when it is `awake` again.
 */
export async function frozenRounds(options: {
  replicas: Replicas;
  holder: Service;
  other: Service;
  witness: Service;
  queryEnds: 'asleep' | 'awake';
  roundsCount: number;
}): Promise<FrozenFigures> {
  const { replicas, holder, other, witness, queryEnds, roundsCount } = options;
  const { upstream } = replicas;
  const barrier = new Barrier();
  const keys = newKeys('frozen', roundsCount);
  for (const key of keys) upstream.on(`/${key}`, held(barrier, json({ call: 1 })), json({ call: 2 }));
  const unansweredBefore = await unansweredBy([other, witness]);
  const own = callsOf(holder, keys);
  await barrier.arrived(roundsCount);
  const leases = await leasesIn(replicas.redis);
  holder.signal('SIGSTOP');
  if (queryEnds === 'asleep') barrier.open();
  expectAll(2, await callsOf(other, keys), 'who waited for the holder loads anew');
  // Also where the other did not wait, since Redis had not answered it in time: the holder must have lost them.
  if (!(await until(() => areOver(replicas, leases))))
    throw new Error('Somebody holds the leases of a process that sleeps');
  holder.signal('SIGCONT');
  // Its sleep may have cost it the connection to Redis.
  if (!(await until(() => isWell(holder)))) throw new Error('The holder does not find Redis again');
  barrier.open();
  expectAll(1, await own, "the holder's own readers are answered by its load");
  if (!(await until(() => isWell(holder)))) throw new Error('The holder does not find Redis again');
  const unansweredAsleep = await unansweredBy([holder]);
  const after = await Promise.all([holder, other, witness].map((service) => callsOf(service, keys)));
  const newerCount = keys.filter((_, index) => after.every((calls) => calls[index] === 2)).length;
  return {
    roundsCount,
    newerCount,
    olderCount: keys.filter((_, index) => after.some((calls) => calls[index] === 1)).length,
    maxExecutionsCount: Math.max(...keys.map((key) => upstream.callsOf(`/${key}`))),
    unansweredCount: (await unansweredBy([holder, other, witness])) - unansweredBefore - unansweredAsleep,
  };
}

async function isWell({ url }: Service): Promise<boolean> {
  return (await ask(`${url}/health/ready`)).json<{ degraded?: unknown[] }>().degraded?.length === 0;
}

async function areOver({ redis }: Replicas, leases: ReadonlyMap<string, string>): Promise<boolean> {
  const held = await leasesIn(redis);
  return [...leases].every(([name, value]) => held.get(name) !== value);
}

async function unansweredBy(services: readonly Service[]): Promise<number> {
  const counts = services.map(async ({ url }) => {
    const { process: its } = await statisticsOf({ get: (path) => ask(url + path) });
    const { l2_failures = 0, l2_skips = 0, look_failures = 0, leases_lost = 0 } = its.events;
    return l2_failures + l2_skips + look_failures + leases_lost;
  });
  return (await Promise.all(counts)).reduce((total, one) => total + one, 0);
}

function newKeys(name: string, count: number): [string, ...string[]] {
  const run = randomUUID().slice(0, 8);
  return [
    `${name}-${run}-0`,
    ...Array.from({ length: count - 1 }, (_, index) => `${name}-${run}-${index + 1}`),
  ];
}

function afterQuery(call: number) {
  return async (...args: Parameters<ReturnType<typeof json>>) => {
    await sleep(QUERY_MS);
    return json({ call })(...args);
  };
}

function readOf({ url }: Service, key: string): Promise<Answer> {
  return ask(url + pathOfKey(key));
}

async function timedRead(service: Service, key: string): Promise<{ answer: Answer; tookMs: number }> {
  const startedMs = performance.now();
  const answer = await readOf(service, key);
  return { answer, tookMs: performance.now() - startedMs };
}

/** Which query's value each key is answered with. */
async function callsOf(service: Service, keys: readonly string[]): Promise<(number | undefined)[]> {
  return (await Promise.all(keys.map((key) => readOf(service, key)))).map(callOf);
}

function callOf(answer: Answer): number | undefined {
  return answer.json<{ data?: { call?: number } }>().data?.call;
}

function expectAll(expected: number, calls: readonly (number | undefined)[], what: string): void {
  if (calls.some((call) => call !== expected)) throw new Error(`Not so: ${what} (${calls.join(' ')})`);
}

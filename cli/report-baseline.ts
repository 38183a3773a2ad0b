import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { type Bypassed, BypassedSchema } from '../services/bypass/bypass-schema.js';
import { systemClock } from '../services/clock.js';
import type { Baseline } from '../services/report/baseline.js';
import { figureText } from '../services/report/figure-text.js';
import { measureBaseline } from '../services/report/measure-baseline.js';
import { countOf, durationOf, everyMsOf, limitOption, seedOf } from './audit-limits.js';
import { type BaselineTraffic, trafficOfLog, trafficOfStatistics } from './baseline-traffic.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';
import { printAnswer } from './print-answer.js';
import { Progress } from './progress.js';
import { BASELINE_FILE, writeBaseline } from './read-baseline.js';
import { counted, readableCount } from './readable-figures.js';
import { type ServiceClient, withServices } from './service-client.js';
import { ServiceFailure } from './service-failure.js';
import type { ServiceOptions } from './service-options.js';
import type { Terminal } from './terminal.js';

export interface BaselineOptions extends ServiceOptions {
  readonly baseline?: string;
  readonly log?: string;
  readonly sample: number;
  readonly for: number;
  /** From the beginning of one sample to that of the next, in ms. */
  readonly rate: number;
  /** Of the reads of now, in percent. */
  readonly share?: number;
  readonly seed?: number;
}

const SEEDS_COUNT = 1_000_000;
const MINUTE_MS = 60_000;
/** Longer than a query may take. */
const DEADLINE_MS = 150_000;

/** Adds the options that only `report baseline` takes. */
export function withBaselineLimits(command: Command): Command {
  return command
    .option('--log <file>', 'baseline: the access log that the addresses are from')
    .addOption(
      limitOption('--sample <count>', 'baseline: how many requests at the most', countOf).default(500),
    )
    .addOption(
      limitOption('--for <duration>', 'baseline: how long at the most', durationOf).default(1_200_000, '20m'),
    )
    .addOption(
      limitOption(
        '--rate <count/min>',
        'baseline: how many requests in a minute at the most',
        everyMsOf,
      ).default(MINUTE_MS / 30, '30/min'),
    )
    .option('--share <percent>', 'baseline: no more than so many percent of what readers ask now', shareOf)
    .option('--seed <number>', 'baseline: takes the addresses of an earlier one again', seedOf);
}

/** Measures what readers would have without the cache, and stores it. */
export async function reportBaseline(options: BaselineOptions, terminal: Terminal): Promise<void> {
  const file = options.baseline ?? BASELINE_FILE;
  await withServices(options.url === undefined ? [] : [options.url], async ([service], interrupted) => {
    if (!service) return;
    const baseline = await measured(service, { options, interrupted, terminal });
    await writeBaseline(file, baseline);
    printAnswer(terminal, { body: baseline, json: options.json }, (body) => [
      ...baselineLines(body),
      `Stored in ${file}`,
    ]);
  });
}

async function measured(
  service: ServiceClient,
  asked: {
    readonly options: BaselineOptions;
    readonly interrupted: AbortSignal;
    readonly terminal: Terminal;
  },
): Promise<Baseline> {
  const { options, interrupted, terminal } = asked;
  const seed = options.seed ?? Math.floor(Math.random() * SEEDS_COUNT);
  const wanted = { count: options.sample, seed };
  const traffic =
    options.log === undefined
      ? await trafficOfStatistics(service, wanted)
      : await trafficOfLog(service, options.log, wanted);
  const progress = new Progress(terminal);
  const { tally, failure } = await measureBaseline(
    traffic.addresses,
    {
      bypass: (address) => bypassed(service, address),
      clock: systemClock,
      pause: async (ms) => void (await sleep(ms, undefined, { signal: interrupted })),
      tell: ({ samples, samplesCount }) =>
        progress.tell(`${readableCount(samples)}/${counted(samplesCount, 'request')}`, {
          done: samples,
          total: samplesCount,
        }),
    },
    { samplesCount: options.sample, forMs: options.for, everyMs: everyMs(options, traffic) },
  );
  progress.end();
  if (interrupted.aborted)
    throw new CommandFailure('Interrupted: nothing was stored', EXIT.interrupted, failure);
  if (failure !== null) throw failure;
  const told = tally.told(traffic.requestsPerMinute);
  if (told.reads === 0) throw nothingMeasured(told, traffic);
  return {
    version: 1,
    measured_at: new Date(systemClock.nowMs()).toISOString(),
    traffic: traffic.kind,
    seed,
    ...told,
  };
}

/** Null where the address is of something that the service does not know. */
async function bypassed(service: ServiceClient, url: string): Promise<Bypassed | null> {
  try {
    return await service.ask({
      method: 'POST',
      path: '/cache/bypasses',
      body: { url },
      answer: BypassedSchema,
      deadlineMs: DEADLINE_MS,
    });
  } catch (error) {
    if (error instanceof ServiceFailure && error.exitCode === EXIT.usage) return null;
    throw error;
  }
}

/** A shadow of a few percent adds no more than that to what readers ask. */
function everyMs({ rate, share }: BaselineOptions, { readsPerMinute }: BaselineTraffic): number {
  if (share === undefined) return rate;
  if (readsPerMinute === null || readsPerMinute === 0) {
    throw new CommandFailure(
      'Nobody reads now, so there is nothing to take a share of: leave --share out, and bound it with --rate',
      EXIT.usage,
    );
  }
  return Math.max(rate, MINUTE_MS / ((share / 100) * readsPerMinute));
}

function nothingMeasured(
  { failed, refused }: Pick<Baseline, 'failed' | 'refused'>,
  { addresses }: BaselineTraffic,
): CommandFailure {
  const why =
    addresses.length === 0
      ? 'there is no address of data in that traffic'
      : `${readableCount(failed)} reads failed, and ${counted(refused, 'address', 'addresses')} the service does not know`;
  return new CommandFailure(`No baseline could be measured: ${why}`, EXIT.environment);
}

function baselineLines(baseline: Baseline): string[] {
  const { reads, failed, refused, load_time, requests, queries, seed } = baseline;
  const apart = [
    ...(failed > 0 ? [`${readableCount(failed)} failed`] : []),
    ...(refused > 0 ? [`${counted(refused, 'address', 'addresses')} unknown`] : []),
  ];
  return [
    `${counted(requests, 'request')}, ${counted(reads, 'read')} beside the cache, seed ${seed}${apart.length > 0 ? `; ${apart.join(', ')}` : ''}`,
    `Load time       p95 ${figureText('ms', load_time.p95_ms)}, mean ${figureText('ms', load_time.mean_ms)}`,
    `Source queries  ${figureText('per_minute', baseline.queries_per_minute)}, ${readableCount(queries)} for ${counted(requests, 'request')}`,
  ];
}

function shareOf(text: string): number {
  const share = Number(text);
  if (/^\d{1,3}(\.\d+)?$/.test(text) && share > 0 && share <= 100) return share;
  throw new InvalidArgumentError('A share is a number of percent: 2.');
}

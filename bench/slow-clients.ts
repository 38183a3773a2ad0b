// What other readers notice of 1,000 slow connections: `npm run bench:slow-clients`. Needs Debian's slowhttptest and 4,096 open files.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Lifetime, withLifetime } from '../test/helpers/lifetime.js';
import type { Service } from '../test/helpers/start-service.js';
import { tempFolder } from '../test/helpers/temp-folder.js';
import { builtService } from '../test/integration/support/built-service.js';
import { median } from './median.js';
import { openLoop, percentileMs } from './open-loop.js';

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
    modes: { type: 'string', default: 'header,body,read' },
  },
});
const connectionsCount = Number(values.connections);
const durationMs = Number(values.seconds) * 1000;
const PER_SECOND_COUNT = 100;
const PATH = '/dashboards/operations/metrics?site_id=7&period=2026-01-01/2026-02-01';
/** Time for the attack to have its connections before it is measured: a busy machine gives it little of its own. */
const RAMP_MS = 3000;
const RAMP_MAX_MS = 20_000;
/**
 * The longest of the server's limits, and how often it looks. An answer of some hundred kilobytes is in the kernel, whoever reads it:
 * for the server it is out, and the connection one that keeps alive.
 */
const GONE_WITHIN_MS = 85_000;
const MAXIMUM_RATIO = 2;

/** slowhttptest's words for slow heads, slow bodies and slow reads. */
const MODES: Readonly<Record<string, readonly string[]>> = {
  header: ['-H', '-i', '5'],
  // Where bodies are read: elsewhere the answer comes before the body, and ends the connection.
  body: ['-B', '-i', '5', '-s', '8192', '-t', 'POST', '-f', 'application/json'],
  read: ['-X', '-w', '1', '-y', '2', '-n', '5', '-z', '1'],
};

function attack(service: Service, words: readonly string[]): ChildProcess {
  const target = words.includes('-X')
    ? '/openapi.json'
    : words.includes('-B')
      ? '/cache/invalidations'
      : PATH;
  const common = [
    '-c',
    `${connectionsCount}`,
    '-r',
    '500',
    '-l',
    '60',
    '-p',
    '5',
    '-u',
    service.url + target,
  ];
  // Between two of its slow reads it asks the kernel without a pause, on a core that elsewhere would not be ours.
  return spawn('nice', ['-n', '19', 'slowhttptest', ...words, ...common], { stdio: 'ignore' });
}

async function reads(service: Service): Promise<{ p99Ms: number; failedCount: number }> {
  const sent = await openLoop({
    url: service.url,
    paths: [PATH],
    perSecondCount: PER_SECOND_COUNT,
    durationMs,
  });
  return {
    p99Ms: percentileMs(sent, 0.99),
    failedCount: sent.filter(({ status }) => status !== 200).length,
  };
}

/** Connections of others to this port that the kernel calls established. */
async function establishedCount({ port }: Service): Promise<number> {
  const child = spawn('ss', ['-Htn', 'state', 'established', `sport = :${port}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += String(chunk);
  });
  await once(child, 'close');
  return text.split('\n').filter((line) => line !== '').length;
}

interface Round {
  readonly beforeP99Ms: number;
  readonly duringP99Ms: number;
  readonly failedCount: number;
  readonly openCount: number;
  readonly leftCount: number;
  readonly goneSeconds: number;
}

async function measureRound(service: Service, words: readonly string[], lifetime: Lifetime): Promise<Round> {
  const before = await reads(service);
  // One that the start has left open, and keeps.
  const ownCount = await establishedCount(service);
  const attacker = attack(service, words);
  lifetime.teardown(() => attacker.kill());
  const openedMs = performance.now();
  let openCount = 0;
  do {
    await sleep(RAMP_MS);
    openCount = (await establishedCount(service)) - ownCount;
  } while (openCount < connectionsCount && performance.now() - openedMs < RAMP_MAX_MS);
  const during = await reads(service);
  // Its connections stay as they are, and it no longer opens others: it is for the server to end them.
  attacker.kill('SIGSTOP');
  const stoppedMs = performance.now();
  let leftCount = openCount;
  while (leftCount > 0 && performance.now() - stoppedMs < GONE_WITHIN_MS) {
    await sleep(1000);
    leftCount = Math.max(0, (await establishedCount(service)) - ownCount);
  }
  const goneSeconds = Math.round((performance.now() - stoppedMs) / 1000);
  attacker.kill('SIGKILL');
  return {
    beforeP99Ms: before.p99Ms,
    duringP99Ms: during.p99Ms,
    failedCount: during.failedCount,
    openCount,
    leftCount,
    goneSeconds,
  };
}

/** The median of the rounds: one in three is disturbed by whatever else this machine does in its 20 slowest of 2,000 answers. */
async function measureMode(
  service: Service,
  mode: string,
  words: readonly string[],
  lifetime: Lifetime,
): Promise<boolean> {
  const ratios: number[] = [];
  let isMet = true;
  for (let round = 0; round < Number(values.rounds); round++) {
    const seen = await measureRound(service, words, lifetime);
    const ratio = seen.duringP99Ms / seen.beforeP99Ms;
    ratios.push(ratio);
    isMet &&= seen.failedCount === 0 && seen.leftCount === 0;
    process.stdout.write(
      `${mode.padEnd(7)} ${seen.openCount} connections: p99 ${seen.beforeP99Ms.toFixed(1)} ms without, ` +
        `${seen.duringP99Ms.toFixed(1)} ms with (${ratio.toFixed(2)} x), ${seen.failedCount} failed; ` +
        `${seen.leftCount} left ${seen.goneSeconds} s after\n`,
    );
  }
  const middle = median(ratios);
  process.stdout.write(
    `${mode.padEnd(7)} ${middle.toFixed(2)} x in the middle of ${ratios.length} (goal ${MAXIMUM_RATIO})\n`,
  );
  return isMet && middle <= MAXIMUM_RATIO;
}

async function measure(lifetime: Lifetime): Promise<boolean> {
  const service = await builtService({
    words: ['--demo'],
    environment: { DATA_DIR: tempFolder(lifetime), LOG_LEVEL: 'warn' },
  });
  lifetime.teardown(() => service.stop());
  await reads(service);
  let isMet = true;
  for (const [mode, words] of Object.entries(MODES)) {
    if (!values.modes.split(',').includes(mode)) continue;
    isMet = (await measureMode(service, mode, words, lifetime)) && isMet;
  }
  return isMet;
}

process.exitCode = (await withLifetime(measure)) ? 0 : 1;

// What readers notice of a Redis that stands still, and how soon layer two is back: `npm run bench:frozen-master`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeShop } from '../test/integration/support/shop.js';
import { type AloneFigures, frozenAlone } from './frozen-alone.js';
import { type FrozenRound, frozenMasterRound } from './frozen-master-round.js';
import { freezableCluster, freezableSentinel } from './frozen-topologies.js';

const PER_SECOND_COUNT = 300;
const FROZEN_MS = 20_000;
const FIRST_SECOND_P99_MS = 100;
const LATER_P99_MS = 25;
const WRITTEN_MS = 3000;
const CLOSED_MS = 5000;

const SITUATIONS = {
  'Sentinel, down after 1 s': () => freezableSentinel(1000),
  'Sentinel, down after 500 ms': () => freezableSentinel(500),
  'Cluster, node time-out 1 s': () => freezableCluster(),
};

const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '10' } } });

function told(what: string, isMet: boolean): boolean {
  process.stdout.write(`${what}   ${isMet ? 'met' : 'MISSED'}\n`);
  return isMet;
}

function tellAlone(figures: AloneFigures): boolean {
  const { requestsCount, faults, missesCount, unprovenCount } = figures;
  const ms = (time: number) => `${time.toFixed(1)} ms`;
  process.stdout.write(`Alone: ${PER_SECOND_COUNT} warm reads a second for ${FROZEN_MS / 1000} s\n`);
  const answered = `  answered with 200: ${requestsCount - faults.length} of ${requestsCount}, ${missesCount} waited for the source, ${unprovenCount} unproven`;
  process.stdout.write(`  p99 of the second before: ${ms(figures.beforeP99Ms)}\n`);
  return [
    told(answered, faults.length === 0 && missesCount === 0),
    told(
      `  p99 of the first second: ${ms(figures.firstSecondP99Ms)} of ${FIRST_SECOND_P99_MS}`,
      figures.firstSecondP99Ms <= FIRST_SECOND_P99_MS,
    ),
    told(
      `  p99 after it: ${ms(figures.laterP99Ms)} of ${LATER_P99_MS}, the slowest ${ms(figures.slowestMs)}`,
      figures.laterP99Ms <= LATER_P99_MS,
    ),
  ].every((isMet) => isMet);
}

/** The middle is held to the target: how long Redis takes to choose another master is partly chance. */
function tellRounds(title: string, rounds: readonly FrozenRound[]): boolean {
  const sorted = (figure: (round: FrozenRound) => number) => rounds.map(figure).sort((a, b) => a - b);
  const middle = (times: readonly number[]) => times[Math.floor((times.length - 1) / 2)] ?? Number.NaN;
  const range = (times: readonly number[]) =>
    `${[times[0], middle(times), times.at(-1)].map((time) => ((time ?? Number.NaN) / 1000).toFixed(2)).join(' / ')} s`;
  const [written, closed] = [sorted(({ writtenMs }) => writtenMs), sorted(({ closedMs }) => closedMs)];
  const faultsCount = rounds.reduce((sum, round) => sum + round.faultsCount, 0);
  process.stdout.write(`${title}: ${rounds.length} rounds, least / middle / most\n`);
  process.stdout.write(`  Redis named another master: ${range(sorted(({ replacedMs }) => replacedMs))}\n`);
  process.stdout.write(
    `  and layer two wrote so much later: ${range(sorted((round) => round.writtenMs - round.replacedMs))}\n`,
  );
  return [
    told(`  layer two wrote again: ${range(written)} of ${WRITTEN_MS / 1000}`, middle(written) <= WRITTEN_MS),
    told(`  all breakers closed: ${range(closed)} of ${CLOSED_MS / 1000}`, (closed.at(-1) ?? 0) <= CLOSED_MS),
    told(`  answers other than 200: ${faultsCount}`, faultsCount === 0),
  ].every((isMet) => isMet);
}

async function main(): Promise<void> {
  const parent = mkdtempSync(join(tmpdir(), 'dashcache-bench-'));
  const folder = join(parent, 'dashboards');
  try {
    await writeShop(folder);
    const met = [
      tellAlone(await frozenAlone({ folder, perSecondCount: PER_SECOND_COUNT, frozenMs: FROZEN_MS })),
    ];
    for (const [title, start] of Object.entries(SITUATIONS)) {
      const rounds: FrozenRound[] = [];
      while (rounds.length < Number(options.rounds))
        rounds.push(await frozenMasterRound(await start(), folder));
      met.push(tellRounds(title, rounds));
    }
    process.exitCode = met.every((isMet) => isMet) ? 0 : 1;
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

await main();

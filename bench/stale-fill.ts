// Whether what was read before a purge ever comes back after it: `npm run bench:stale-fill`.
import { parseArgs } from 'node:util';
import { startPanelWorld } from '../test/helpers/panel-world.js';
import { startRedis } from '../test/helpers/redis-server.js';
import { PLACES, SELECTIONS, staleFillTrials } from '../test/helpers/stale-fill-trials.js';
import { startStaleFillWorld } from '../test/integration/support/stale-fill-world.js';
import { TOPOLOGIES } from '../test/integration/support/topologies.js';
import { isMet, type StaleFillRow, staleFillHead, staleFillLine } from './stale-fill-table.js';

const { values: given } = parseArgs({
  options: {
    /** At the service class, over all selections and places. */
    class: { type: 'string', default: '100000' },
    /** Over HTTP, of each selection, place and topology. */
    http: { type: 'string', default: '2000' },
    /** Of each line of a control. */
    control: { type: 'string', default: '100' },
  },
});

const PROCESSES_COUNT = 3;
const REPLICAS_COUNT = 2;
const CLASS_LANES_COUNT = 100;
const HTTP_LANES_COUNT = 32;

type World = Pick<Parameters<typeof staleFillTrials>[0], 'replicas' | 'database'> & { stop(): unknown };

interface Part {
  readonly where: string;
  readonly lanesCount: number;
  readonly trialsCount: number;
  start(isUncompared: boolean): Promise<World>;
}

/** All selections and places of one part, with the comparison of generations and without; printed as they come. */
async function* rowsOf(part: Part): AsyncGenerator<StaleFillRow> {
  for (const isControl of [false, true]) {
    const world = await part.start(isControl);
    try {
      for (const by of SELECTIONS)
        for (const at of PLACES) {
          const wantedCount = isControl ? Number(given.control) : part.trialsCount;
          const { lanesCount, where } = part;
          const startedMs = performance.now();
          const run = { ...world, by, at, trialsCount: wantedCount, lanesCount };
          const figures = await staleFillTrials(run);
          const tookMs = performance.now() - startedMs;
          yield { ...figures, where, by, at, isControl, wantedCount, tookMs };
        }
    } finally {
      await world.stop();
    }
  }
}

async function* classRows(): AsyncGenerator<StaleFillRow> {
  const redis = await startRedis();
  try {
    yield* rowsOf({
      where: `class, ${PROCESSES_COUNT} processes`,
      lanesCount: CLASS_LANES_COUNT,
      trialsCount: Math.ceil(Number(given.class) / (SELECTIONS.length * PLACES.length)),
      start: (isUncompared) =>
        startPanelWorld({ redisUrl: redis.url, processesCount: PROCESSES_COUNT, isUncompared }),
    });
  } finally {
    await redis.stop();
  }
}

async function* httpRows(): AsyncGenerator<StaleFillRow> {
  for (const [name, startTopology] of Object.entries(TOPOLOGIES)) {
    const { environment, stop } = await startTopology();
    const counts = { replicasCount: REPLICAS_COUNT, lanesCount: HTTP_LANES_COUNT };
    try {
      yield* rowsOf({
        where: `HTTP, ${name}`,
        lanesCount: HTTP_LANES_COUNT,
        trialsCount: Number(given.http),
        start: (isUncompared) => startStaleFillWorld({ environment, ...counts, isUncompared }),
      });
    } finally {
      await stop();
    }
  }
}

async function main(): Promise<void> {
  process.stdout.write(staleFillHead);
  const all: StaleFillRow[] = [];
  for (const rows of [classRows(), httpRows()])
    for await (const row of rows) {
      process.stdout.write(staleFillLine(row));
      all.push(row);
    }
  process.exitCode = all.length > 0 && all.every(isMet) ? 0 : 1;
}

await main();

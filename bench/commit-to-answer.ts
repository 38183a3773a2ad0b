// How soon a commit is in the answers of two processes: while others write, and after the feed's connections were cut: `npm run bench:commit-to-answer`.
import { setTimeout as sleep } from 'node:timers/promises';
import { withLifetime } from '../test/helpers/lifetime.js';
import { cutFeed } from '../test/integration/support/cut-feed.js';
import { watchedShop } from '../test/integration/support/watched-shop.js';
import { commitProbes } from './commit-probes.js';
import { type RowWriters, rowWriters } from './row-writers.js';

const FEEDS = ['logical', 'notify'] as const;
const PROBES_COUNT = 200;
const ROWS_PER_SECOND = 2000;
/** Of the issue. */
const P95_MAX_MS = 250;
const RIGHT_WITHIN_MS = 2000;
/** Committed while nothing can be heard. */
const CHANGES_COUNT = 1000;
/** As databases run that must not lose anything: a commit waits for its disk. */
const SAFE = ['fsync = on', 'full_page_writes = on'];

/** The writers write rows of the sites 1 to 50. */
const CASES = [
  { what: 'a site that others leave alone', siteId: 1000 },
  { what: 'a site that others write 40 times a second', siteId: 7 },
] as const;

interface Figures {
  readonly process: string;
  readonly delaysMs: readonly number[];
}

async function figuresOf(
  feed: (typeof FEEDS)[number],
  siteId: number,
): Promise<{ figures: Figures[]; writers: RowWriters }> {
  return withLifetime(async (life) => {
    const { server, services } = await watchedShop(life, { feed, lines: SAFE });
    const seconds = 5 + PROBES_COUNT * 0.65;
    const writers = rowWriters(life, {
      url: server.url,
      sessionsCount: 8,
      rowsCount: 1,
      seconds,
      rowsPerSecond: ROWS_PER_SECOND,
    });
    await sleep(2000);
    const probes = { url: server.url, siteId, count: PROBES_COUNT, services };
    const [holder = [], other = []] = await commitProbes(life, probes);
    await writers.rate;
    return {
      writers,
      figures: [
        { process: 'holds the feed', delaysMs: holder },
        { process: 'the other', delaysMs: other },
      ],
    };
  });
}

function percentileMs(delaysMs: readonly number[], share: number): number {
  const sorted = delaysMs.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN);
}

for (const feed of FEEDS) {
  for (const { what, siteId } of CASES) {
    const { figures, writers } = await figuresOf(feed, siteId);
    const rate = Math.round(await writers.rate);
    process.stdout.write(`${feed}, ${what}; ${rate} rows/s by ${writers.program}\n`);
    for (const { process: which, delaysMs } of figures) {
      const p95Ms = percentileMs(delaysMs, 0.95);
      if (!(p95Ms <= P95_MAX_MS)) process.exitCode = 1;
      process.stdout.write(
        `  ${which.padEnd(14)}  commit to answer: p50 ${percentileMs(delaysMs, 0.5)}, p95 ${p95Ms}, all ${percentileMs(delaysMs, 1)} ms (${delaysMs.length})\n`,
      );
    }
  }
  const cut = await withLifetime(async (life) =>
    cutFeed(await watchedShop(life, { feed, lines: SAFE }), { changesCount: CHANGES_COUNT }),
  );
  const isMet =
    cut.isNoticed &&
    cut.earlyCount === 0 &&
    Math.max(...cut.rightAfterMs) <= RIGHT_WITHIN_MS &&
    cut.effectiveCounts.every((count) => count === CHANGES_COUNT);
  if (!isMet) process.exitCode = 1;
  process.stdout.write(
    `${feed}, ${CHANGES_COUNT} rows of twenty sites committed while its connections are cut: ${cut.earlyCount} shown meanwhile; ` +
      `${cut.effectiveCounts.join(' and ')} in the answers ${cut.rightAfterMs.map(Math.round).join(' and ')} ms after they may connect again\n`,
  );
}

import type { Service } from '../../helpers/start-service.js';
import { ask } from './ask.js';
import { until } from './until.js';
import { degradedOf, figureOf, type WatchedShop } from './watched-shop.js';

/** Beyond the three that have tasks from the start. */
const FIRST_SITE_ID = 10;
const SITES_COUNT = 20;

export interface CutFeed {
  /** Whether both processes said meanwhile that the feed is not heard, in /metrics and in readiness. */
  readonly isNoticed: boolean;
  /** Of all answers, how many showed a change while nobody could have heard of it. */
  readonly earlyCount: number;
  /** From the moment at which the lines could be opened again, for each process: to the answer that made all of them right. */
  readonly rightAfterMs: readonly number[];
  /** Changes that the answers of each process show by then. */
  readonly effectiveCounts: readonly number[];
}

/** Cuts the feeds' lines, commits rows of twenty sites meanwhile, lets them connect again, and asks until every answer is right. */
export async function cutFeed(
  { server, services, feedLine }: Pick<WatchedShop, 'server' | 'services' | 'feedLine'>,
  { changesCount }: { changesCount: number },
): Promise<CutFeed> {
  for (const service of services) await tasksOf(service);
  feedLine.blackhole();
  feedLine.cut();
  const isSilent = async (service: Service) =>
    (await figureOf(service, 'feed_ok')) === 0 && (await degradedOf(service)).includes('feed:main');
  const isNoticed = await until(async () => (await Promise.all(services.map(isSilent))).every(Boolean));
  for (let change = 0; change < changesCount; change++)
    await server.query('INSERT INTO tasks (site_id) VALUES ($1)', [FIRST_SITE_ID + (change % SITES_COUNT)]);
  const early = await Promise.all(services.map(tasksOf));
  await feedLine.heal();
  const startMs = performance.now();
  const outcomes = await Promise.all(
    services.map((service) => outcomeOf(service, { startMs, changesCount })),
  );
  return {
    isNoticed,
    earlyCount: sum(early),
    rightAfterMs: outcomes.map(({ afterMs }) => afterMs),
    effectiveCounts: outcomes.map(({ shownCount }) => shownCount),
  };
}

async function outcomeOf(
  service: { readonly url: string },
  { startMs, changesCount }: { startMs: number; changesCount: number },
): Promise<{ afterMs: number; shownCount: number }> {
  let shownCount = 0;
  await until(async () => {
    shownCount = await tasksOf(service);
    return shownCount === changesCount;
  });
  return { afterMs: performance.now() - startMs, shownCount };
}

/** Over all sites, as its answers say. */
async function tasksOf({ url }: { readonly url: string }): Promise<number> {
  const paths = Array.from(
    { length: SITES_COUNT },
    (_, index) => `/dashboards/shop/metrics?site_id=${FIRST_SITE_ID + index}`,
  );
  const answers = await Promise.all(paths.map((path) => ask(url + path)));
  return sum(answers.map((answer) => answer.json<{ data: { tasks: number } }>().data.tasks));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}

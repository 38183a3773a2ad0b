import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import t from 'tap';
import type { Answer } from './support/ask.js';
import { until } from './support/until.js';
import { type WatchedService, watchedService } from './support/watched-service.js';

const PATH = '/dashboards/work/metrics';
const MAX_STALENESS_MS = 4000;
const UPDATES_MS = 4500;
const ROWS_COUNT = 20;
/** Pauses between the refreshes of a result that stays equal, as services/cache/refresh-pace.ts promises them. */
const SHORTEST_MS = 200;
const LONGEST_MS = MAX_STALENESS_MS / 2;

/** How often a result that stays equal is loaded at most while changes come for so long. */
function promisedCount(durationMs: number): number {
  let count = 1;
  for (let pauseMs = 2 * SHORTEST_MS, atMs = 0; ; count++) {
    atMs += pauseMs;
    if (atMs > durationMs) return count;
    pauseMs = Math.min(LONGEST_MS, 2 * pauseMs);
  }
}

/** A stream of updates may look as if it had ended, when the machine is busy: then once more. */
const SETTLED_COUNT = 4;
const EQUAL_MAX_COUNT = promisedCount(UPDATES_MS) + SETTLED_COUNT;

interface Seen {
  readonly updatesCount: number;
  readonly answers: readonly Answer[];
  readonly queriesCount: number;
}

interface Work {
  readonly service: WatchedService;
  /** Updates all the time, and a reader all the time who has that version of the answer. */
  during(update: (turn: number) => string, etag: string): Promise<Seen>;
  queriesCount(): Promise<number>;
}

async function work(t: Parameters<typeof watchedService>[0]): Promise<Work> {
  const service = await watchedService(t, {
    schema: `CREATE TABLE tasks (id integer PRIMARY KEY, is_done boolean, note text);
      INSERT INTO tasks SELECT g, false, '' FROM generate_series(1, ${ROWS_COUNT}) g`,
    tables: ['tasks'],
    defaults: `ttl: 1h, grace: 1h, max_staleness: ${MAX_STALENESS_MS}ms`,
    dashboards: {
      'work.yaml':
        'id: work\nsource: main\nmetrics: { query: "SELECT count(*) FILTER (WHERE is_done) AS done FROM tasks" }\n',
    },
  });
  const writer = new pg.Client(service.server.url);
  await writer.connect();
  t.teardown(() => writer.end());
  const queriesCount = async () => (await service.statements.executed('AS done')).length;
  return {
    service,
    queriesCount,
    async during(update, etag) {
      const before = await queriesCount();
      const endMs = performance.now() + UPDATES_MS;
      const answers: Answer[] = [];
      let updatesCount = 0;
      const updating = async () => {
        for (; performance.now() < endMs; await sleep(20)) await writer.query(update(updatesCount++));
      };
      const reading = async () => {
        for (; performance.now() < endMs; await sleep(50))
          answers.push(await service.ask(PATH, { headers: { 'if-none-match': etag } }));
      };
      await Promise.all([updating(), reading()]);
      return { updatesCount, answers, queriesCount: (await queriesCount()) - before };
    },
  };
}

t.test(
  'given updates that leave the result equal, it keeps its ETag and is loaded ever more seldom',
  async (t) => {
    const { service, during, queriesCount } = await work(t);
    const first = await service.ask(PATH);
    const etag = String(first.headers.etag);
    const renote = (turn: number) =>
      `UPDATE tasks SET note = 'turn ${turn}' WHERE id = ${1 + (turn % ROWS_COUNT)}`;
    const equal = await during(renote, etag);
    t.comment(
      `${equal.updatesCount} updates, ${equal.answers.length} answers, ${equal.queriesCount} queries`,
    );
    t.ok(
      equal.answers.every(({ status }) => status === 304),
      'whoever has it is told so all along',
    );
    t.ok(equal.answers.every(({ headers }) => headers.etag === etag));
    t.ok(equal.queriesCount >= 2, 'it was loaded nevertheless');
    t.ok(
      equal.queriesCount <= EQUAL_MAX_COUNT,
      `${equal.queriesCount} queries, promised ${EQUAL_MAX_COUNT} at most`,
    );
    t.ok(equal.updatesCount > 4 * EQUAL_MAX_COUNT, 'far more often it was updated');

    t.ok(
      await until(async () => (await service.ask(PATH)).cacheStatus.includes('hit; ttl=3')),
      'fresh again',
    );
    t.equal(
      (await service.ask(PATH)).text,
      first.text,
      'to the byte, with the instant at which it was produced',
    );
    const settledCount = await queriesCount();
    await sleep(1000);
    t.equal(await queriesCount(), settledCount, 'and then it is left alone');

    await service.server.query('UPDATE tasks SET is_done = true WHERE id = 1');
    const news = async () => (await service.ask(PATH, { headers: { 'if-none-match': etag } })).status === 200;
    t.ok(
      await until(news, { withinMs: MAX_STALENESS_MS }),
      'one update that changes the result is soon seen',
    );
    const changed = await service.ask(PATH);
    t.match(changed.json(), { data: { done: 1 } });
    t.not(changed.headers.etag, etag);

    // Control: as many updates, each of which changes it.
    const redo = (turn: number) =>
      `UPDATE tasks SET is_done = NOT is_done WHERE id = ${1 + (turn % ROWS_COUNT)}`;
    const changing = await during(redo, String(changed.headers.etag));
    const etags = new Set(changing.answers.map(({ headers }) => headers.etag));
    t.comment(`${changing.updatesCount} updates, ${etags.size} ETags, ${changing.queriesCount} queries`);
    t.ok(etags.size >= 4, 'what changes has other tags');
    t.ok(changing.queriesCount > EQUAL_MAX_COUNT, 'and is loaded more often');
  },
);

import t, { type Test } from 'tap';
import { heat, read, tell, twoProcesses } from '../support/two-processes.js';
import { until } from '../support/until.js';

const SEVEN = '/dashboards/shop/metrics?site_id=7';
const EIGHT = '/dashboards/shop/metrics?site_id=8';
const SUMMARY = '/dashboards/shop/summary?site_id=7';
const PRICES = '/dashboards/prices/metrics';
const ALL = [SEVEN, EIGHT, SUMMARY, PRICES];

/** What was selected, and which addresses it must reach. */
const SELECTIONS: readonly [body: object, reached: readonly string[]][] = [
  [{ all: true }, ALL],
  [{ all: true, tenant: '7' }, [SEVEN, SUMMARY]],
  [{ dashboard: 'shop' }, [SEVEN, EIGHT, SUMMARY]],
  [{ dashboard: 'shop', tenant: '8' }, [EIGHT]],
  [{ dashboard: 'shop', panel: 'metrics' }, [SEVEN, EIGHT]],
  [{ dashboard: 'shop', panel: 'metrics', tenant: '7' }, [SEVEN]],
  [{ table: 'sales' }, [SEVEN, EIGHT]],
  [{ table: 'main.sales', tenant: '8' }, [EIGHT]],
  [{ table: 'unheard_of' }, []],
  [{ tags: ['nobody'] }, []],
];

t.test('two processes on one Redis, told over HTTP', async (t) => {
  const { services, redis } = await twoProcesses(t);
  const [first, second] = services;
  const invalidate = (body: object, at = first) => tell(at, '/cache/invalidations', { body });

  for (const [body, reached] of SELECTIONS)
    await t.test(
      `a purge of ${JSON.stringify(body)} reaches ${reached.length} of ${ALL.length}`,
      async (t) => {
        for (const service of services) await heat(service, ALL);
        const answer = await invalidate(body);
        t.equal(answer.status, 200);
        t.same(answer.json(), { reach: 'primary', processes: 2, confirmed: 2 });
        // At once, in the process that was not asked: nobody is given the old data after the answer.
        for (const path of ALL) {
          const { cacheStatus } = await read(second, path);
          t.match(cacheStatus, reached.includes(path) ? 'fwd=uri-miss' : 'hit; ttl=', path);
        }
      },
    );

  await t.test(
    'an expire answers at once, and the old is served once more while it is refreshed',
    async (t) => {
      for (const service of services) await heat(service, [SEVEN]);
      const answer = await invalidate({ dashboard: 'shop', mode: 'expire' });
      t.equal(answer.status, 200);
      const stale = await read(first, SEVEN);
      t.match(stale.cacheStatus, /hit; ttl=-\d+; detail=l1/);
      t.ok(
        await until(async () => /hit; ttl=\d/.test((await read(second, SEVEN)).cacheStatus)),
        'and then it is fresh',
      );
    },
  );

  await t.test('without waiting it is in force everywhere within a second', async (t) => {
    for (const service of services) await heat(service, [SEVEN]);
    const answer = await invalidate({ all: true, wait: false });
    t.match(answer.json(), { reach: 'primary', processes: 2 });
    t.match((await read(first, SEVEN)).cacheStatus, 'fwd=uri-miss', 'here at once');
    const seen = () => read(second, EIGHT).then(({ cacheStatus }) => !cacheStatus.includes('detail=l1'));
    t.ok(await until(seen, { withinMs: 1000 }));
  });

  await t.test('both tell of it, whoever was asked', async (t) => {
    await invalidate({ dashboard: 'shop', tenant: '7' }, second);
    for (const service of services) {
      const { events } = (await read(service, '/cache/events?kind=invalidation&limit=1')).json<{
        events: unknown[];
      }>();
      t.match(events, [
        {
          kind: 'invalidation',
          mode: 'purge',
          cause: 'request',
          taken: true,
          scopes: [{ scope: 'dashboard', name: 'shop', tenant: '7' }],
        },
      ]);
    }
  });

  await t.test(
    'a frozen process has lost its trust by the answer: what it wakes with is not the old',
    async (t) => {
      for (const service of services) await heat(service, [SEVEN]);
      second.signal('SIGSTOP');
      const startMs = performance.now();
      const answer = await invalidate({ all: true });
      const waitedMs = performance.now() - startMs;
      t.same(answer.json(), { reach: 'primary', processes: 2, confirmed: 1 });
      t.ok(waitedMs >= 1000, `it waited for the trust to run out (${Math.round(waitedMs)} ms)`);
      second.signal('SIGCONT');
      t.notMatch((await read(second, SEVEN)).cacheStatus, 'detail=l1');
      t.comment(`purge with a frozen process: ${Math.round(waitedMs)} ms`);
    },
  );

  await t.test('how long a purge waits for both', async (t) => {
    const waits: number[] = [];
    for (let i = 0; i < 10; i++) {
      const startMs = performance.now();
      t.match((await invalidate({ all: true })).json(), { confirmed: 2 });
      waits.push(performance.now() - startMs);
    }
    t.comment(`purge acknowledged by both: median ${Math.round(waits.sort((a, b) => a - b)[5] ?? 0)} ms`);
  });

  await t.test('while Redis is frozen: 503, in force here, and lands once it thaws', async (t) => {
    for (const service of services) await heat(service, [SEVEN]);
    redis.freeze();
    const answer = await invalidate({ dashboard: 'shop' });
    t.equal(answer.status, 503);
    t.match(answer.json(), { code: 'invalidation_not_taken', detail: /tried again/ });
    t.match(answer.headers['retry-after'], /^\d+$/);
    await here(t, first.url);
    redis.thaw();
    t.ok(
      await until(async () => !(await read(second, SEVEN)).cacheStatus.includes('unproven')),
      'the other process proves again',
    );
    const landed = async () => {
      const { events } = (await read(second, '/cache/events?kind=invalidation&limit=1')).json<{
        events: { scopes: { name: string }[] }[];
      }>();
      return events[0]?.scopes[0]?.name === 'shop';
    };
    t.ok(await until(landed), 'and has it from the log');
  });
});

async function here(t: Test, url: string): Promise<void> {
  const { cacheStatus } = await read({ url }, SEVEN);
  t.notMatch(cacheStatus, /hit/, 'the old value is not served by the process that was told');
}

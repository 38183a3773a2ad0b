import t from 'tap';
import { type Gathered, known } from '../../../../services/doctor/facts.js';
import { missCauses } from '../../../../services/doctor/statistics/miss-causes.js';
import type { EnabledStatisticsBody } from '../../../../services/statistics/report-schema.js';
import { but, definitionsOf, FILES, factOf, goodFacts, load } from '../support/good-facts.js';

type Body = EnabledStatisticsBody;

/** What is told as cause, the first of all. */
async function causeOf(
  good: Gathered,
  change: (body: Body) => Partial<Body> = () => ({}),
): Promise<string | undefined> {
  const body = factOf(good, 'statistics');
  const [first] = missCauses({ ...body, ...change(body) }, good);
  return first && `${first.evidence} -> ${first.fix}`;
}

const many = (changed: Parameters<typeof load>[0]) => Array.from({ length: 20 }, () => load(changed));

t.test('each cause is told by its own evidence, with its own step', async (t) => {
  const good = but(await goodFacts(t), { events: [] });
  t.equal(await causeOf(good), undefined, 'where nothing speaks for one, none is made up');

  const counts = (changed: Partial<Body['cache_stats']>) => (body: Body) => ({
    cache_stats: { ...body.cache_stats, ...changed },
  });
  const own = (changed: Partial<Body['process']>) => (body: Body) => ({
    process: { ...body.process, ...changed },
  });

  t.match(
    await causeOf(good, counts({ bypasses: 1900 })),
    /the cache was switched off: 1900 of 2000.*switch on/,
  );
  const panel = { panel: 'metrics', enabled: false, off_by: 'panel' as const };
  const off = but(good, {
    switches: {
      enabled: true,
      off_by: null,
      dashboards: [{ dashboard: 'operations', enabled: true, off_by: null, panels: [panel] }],
    },
  });
  t.match(
    await causeOf(off, counts({ bypasses: 1900 })),
    /switched off: operations\/metrics.*their dashboard and panel/,
  );
  t.match(
    await causeOf(good, counts({ errors: 1500 })),
    /1500 of 2000 reads were answered with a problem.*mend the source/,
  );
  t.match(
    await causeOf(good, own({ events: { loads: 10, too_large: 9 } })),
    /9 of 10 loads were too large.*fewer rows/,
  );
  t.match(
    await causeOf(good, own({ new_roots: { lost: 3 }, events: { l2_writes: 9 } })),
    /lost our data 3 times.*redis-evictions/,
  );
  t.match(
    await causeOf(good, (body) => ({
      redis: null,
      ...own({ events: { loads: 10, l1_evictions: 8 } })(body),
    })),
    /8 entries were dropped from memory.*MEMORY_MAX_BYTES/,
  );
  const away = but(good, { redisReach: { kind: 'single', problem: 'ECONNREFUSED' } });
  t.match(await causeOf(away), /Redis does not answer: ECONNREFUSED.*redis-ping/);

  const events = (changed: Parameters<typeof load>[0]) => but(good, { events: many(changed) });
  t.match(
    await causeOf(events({ cause: 'stale' })),
    /20 of the last 20 loads came because a ttl was over.*lengthen ttl/,
  );
  t.match(await causeOf(events({ cause: 'absent' })), /nothing was stored for.*dashcache warm/);
  const purge = {
    kind: 'invalidation' as const,
    at: '2026-11-25T08:00:00.000Z',
    mode: 'purge' as const,
    cause: 'request' as const,
    taken: true,
    scopes: [{ scope: 'all', name: null, tenant: null }],
  };
  const purged = but(good, { events: [...many({ cause: 'purged' }), purge] });
  t.match(await causeOf(purged), /20 of the last 20 loads were for invalidations: all.*invalidate less/);

  const short = 'id: operations\nsource: main\nmetrics: { ttl: 1s, grace: 1s, query: SELECT 1 AS one }\n';
  const definitions = await definitionsOf(t, {
    ...FILES,
    'operations.yaml': short,
    'sales.yaml': short.replace('operations', 'sales'),
  });
  t.match(
    await causeOf({ ...good, definitions: known(definitions) }),
    /ttl and grace together are below 5 s for 2 of 2 panels: .*lengthen ttl/,
  );
});

t.test('what a setting says is believed where the service does not tell its switches', async (t) => {
  const good = await goodFacts(t);
  const blind: Gathered = {
    ...but(good, { settings: { ...factOf(good, 'settings'), cacheEnabled: false } }),
    switches: { known: false, reason: 'no token' },
  };
  const all = (body: Body) => ({ cache_stats: { ...body.cache_stats, bypasses: 2000 } });
  t.match(await causeOf(blind, all), /CACHE_ENABLED=false/);
});

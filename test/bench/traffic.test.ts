import t from 'tap';
import { type Traffic, type Visit, workingHour } from '../../bench/traffic.js';

const HOUR: Traffic = {
  seed: 1,
  viewersCount: 50,
  siteIds: Array.from({ length: 20 }, (_, index) => 100 + index),
  durationMs: 3_600_000,
};

function byViewer(visits: readonly Visit[]): Visit[][] {
  return Array.from({ length: HOUR.viewersCount }, (_, viewer) => visits.filter((v) => v.viewer === viewer));
}

t.test('the same seed gives the same hour, another one another', async (t) => {
  const text = (seed: number) => JSON.stringify(workingHour({ ...HOUR, seed }));
  const first = text(1);
  t.ok(text(1) === first);
  t.ok(text(2) !== first);
});

t.test('visits are in order of time and inside the hour, of known viewers and sites', async (t) => {
  const visits = workingHour(HOUR);
  t.ok(visits.every(({ atMs }, index) => atMs >= (visits[index - 1]?.atMs ?? 0) && atMs < HOUR.durationMs));
  t.ok(visits.every(({ viewer, siteId }) => viewer >= 0 && viewer < 50 && HOUR.siteIds.includes(siteId)));
  t.ok(
    byViewer(visits).every((own) => own.length > 0 && own[0]?.cause === 'open'),
    'everybody comes',
  );
});

t.test('a screen refreshes every minute and shows one site and the default period', async (t) => {
  for (const own of byViewer(workingHour(HOUR)).slice(0, 15)) {
    t.equal(own.length, 60);
    t.equal(new Set(own.map(({ siteId }) => siteId)).size, 1);
    t.ok(own.every(({ period }) => period === null));
    t.ok(own.every((visit, i) => i === 0 || Math.abs(visit.atMs - (own[i - 1]?.atMs ?? 0) - 60_000) <= 1));
  }
});

t.test('people visit at a human pace and never let an open page wait longer than two minutes', async (t) => {
  const people = byViewer(workingHour(HOUR)).slice(15);
  t.equal(people.length, 35);
  const waits = people.flatMap((own) =>
    own.map((visit, i) => (visit.cause === 'open' ? 0 : visit.atMs - (own[i - 1]?.atMs ?? 0))),
  );
  t.ok(Math.max(...waits) <= 120_001);
  const visits = people.flat();
  const perPerson = visits.length / people.length;
  t.ok(perPerson > 10 && perPerson < 35, `${perPerson} visits in the hour`);
  const share = (cause: Visit['cause']) => visits.filter((v) => v.cause === cause).length / visits.length;
  t.ok(share('refresh') > 0.5 && share('refresh') < 0.9, `refreshed ${share('refresh')}`);
  t.ok(share('period') > 0.02 && share('period') < 0.15, `changed the period ${share('period')}`);
  t.ok(share('site') > 0.005 && share('site') < 0.1, `changed the site ${share('site')}`);
});

t.test('over many hours the n-th site is looked at in proportion to 1/n', async (t) => {
  const counts = new Map<number, number>();
  for (let seed = 0; seed < 40; seed++)
    for (const { siteId, cause } of workingHour({ ...HOUR, seed }))
      if (cause === 'open') counts.set(siteId, (counts.get(siteId) ?? 0) + 1);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const harmonic = Array.from({ length: 20 }, (_, i) => 1 / (i + 1)).reduce((a, b) => a + b);
  for (const rank of [1, 2, 5, 10]) {
    const share = (counts.get(99 + rank) ?? 0) / total;
    const expected = 1 / rank / harmonic;
    t.ok(Math.abs(share - expected) < 0.25 * expected, `site ${rank}: ${share} near ${expected}`);
  }
});

t.test('no site to look at, then it says so', async (t) => {
  t.throws(() => workingHour({ ...HOUR, siteIds: [] }), /at least one site/);
});

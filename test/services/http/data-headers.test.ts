import { parseList, Token } from 'structured-headers';
import t from 'tap';
import { cacheControl, strictestClient } from '../../../services/http/cache-control.js';
import type { AnswerFacts } from '../../../services/http/cache-status.js';
import { dashboardHeaders, panelHeaders } from '../../../services/http/data-headers.js';
import { varyWith } from '../../../services/http/vary.js';

const NOW_MS = 1_800_000_000_000;
const CLIENT = { maxAgeMs: 0, staleMs: 5000, staleIfErrorMs: 60_000 };

function facts(
  outcome: AnswerFacts['outcome'],
  ageMs: number,
  layer: AnswerFacts['layer'] = 'l1',
): AnswerFacts {
  return { outcome, layer, staleAtMs: NOW_MS + 1000, stored: true, entry: { storedAtMs: NOW_MS - ageMs } };
}

t.test('what a client may reuse is told in whole seconds', async (t) => {
  const private_ = 'private, max-age=0, stale-while-revalidate=5, stale-if-error=60';
  t.equal(cacheControl(CLIENT, false), private_);
  t.equal(cacheControl(CLIENT, true), private_.replace('private', 'public'));
  t.match(cacheControl({ ...CLIENT, maxAgeMs: 1999 }, true), 'max-age=1,');
});

t.test('of several panels in one answer the strictest reuse wins', async (t) => {
  const other = { maxAgeMs: 9000, staleMs: 1000, staleIfErrorMs: 90_000 };
  t.same(strictestClient([CLIENT, other]), { maxAgeMs: 0, staleMs: 1000, staleIfErrorMs: 60_000 });
  t.same(strictestClient([]), { maxAgeMs: 0, staleMs: 0, staleIfErrorMs: 0 });
});

t.test('one panel tells its state, its age and what may be reused', async (t) => {
  t.same(panelHeaders(facts('hit', 12_345), { client: CLIENT, shared: false }, NOW_MS), {
    'cache-status': 'dashcache; hit; ttl=1; detail=l1',
    age: '12',
    'cache-control': 'private, max-age=0, stale-while-revalidate=5, stale-if-error=60',
  });
});

t.test('a dashboard tells of all its panels in a structured header', async (t) => {
  const headers = dashboardHeaders(
    [
      { panelId: 'metrics', answer: facts('hit', 12_000) },
      { panelId: 'charts/tasks_2', answer: facts('stale_hit', 700_000, 'l2') },
      { panelId: 'charts/9', answer: facts('miss', 0, 'source') },
      { panelId: 'charts/b', answer: facts('bypass', 0, 'source') },
    ],
    { clients: [CLIENT], shared: true },
    NOW_MS,
  );
  t.equal(headers['age'], '700', 'the oldest');
  t.match(headers['cache-control'], /^public, /);
  t.equal(
    headers['dashcache-panels'],
    'metrics;hit;age=12;layer=l1, charts/tasks_2;hit;stale;age=700;layer=l2, ' +
      'charts/9;fwd=uri-miss;age=0;layer=source, charts/b;fwd=bypass;age=0;layer=source',
  );
  const list = parseList(headers['dashcache-panels'] ?? '');
  t.same(
    list.map(([item]) => item instanceof Token && item.toString()),
    ['metrics', 'charts/tasks_2', 'charts/9', 'charts/b'],
  );
  t.same(
    [...(list[1]?.[1] ?? [])].map(([name, value]) => [name, String(value)]),
    [
      ['hit', 'true'],
      ['stale', 'true'],
      ['age', '700'],
      ['layer', 'l2'],
    ],
  );
});

t.test('after a failure nothing may be kept, and the panel shows its status', async (t) => {
  const failed = { panelId: 'summary', status: 504 };
  const some = dashboardHeaders(
    [{ panelId: 'metrics', answer: facts('hit', 3000) }, failed],
    { clients: [CLIENT, CLIENT], shared: true },
    NOW_MS,
  );
  t.equal(some['cache-control'], 'no-store');
  t.equal(some['age'], '3');
  t.equal(some['dashcache-panels'], 'metrics;hit;age=3;layer=l1, summary;status=504');
  const all = dashboardHeaders([failed], { clients: [CLIENT], shared: true }, NOW_MS);
  t.notOk('age' in all, 'there is nothing that has an age');
});

t.test('Vary keeps what others wrote', async (t) => {
  t.equal(varyWith(undefined, 'Accept-Encoding'), 'Accept-Encoding');
  t.equal(varyWith('Origin', 'Accept-Encoding'), 'Origin, Accept-Encoding');
  t.equal(varyWith('origin, accept-encoding', 'Accept-Encoding'), 'origin, accept-encoding');
  t.equal(varyWith('*', 'Accept-Encoding'), '*');
});

import { parseItem, parseList, Token } from 'structured-headers';
import t from 'tap';
import {
  type AnswerFacts,
  ageSeconds,
  cacheStatus,
  dashboardCacheStatus,
  isHit,
} from '../../../services/http/cache-status.js';

const NOW_MS = 1_800_000_000_000;

function facts(outcome: AnswerFacts['outcome'], about: Partial<AnswerFacts> = {}): AnswerFacts {
  return {
    outcome,
    layer: 'l1',
    staleAtMs: NOW_MS + 120_000,
    stored: false,
    entry: { storedAtMs: NOW_MS - 12_345 },
    ...about,
  };
}

const stale = { staleAtMs: NOW_MS - 29_500 };
const CASES: readonly [why: string, answer: AnswerFacts, text: string][] = [
  ['fresh', facts('hit'), 'dashcache; hit; ttl=120; detail=l1'],
  ['fresh from Redis', facts('hit', { layer: 'l2' }), 'dashcache; hit; ttl=120; detail=l2'],
  ['stale', facts('stale_hit', stale), 'dashcache; hit; ttl=-30; detail=l1'],
  [
    'loaded and stored',
    facts('miss', { stored: true, staleAtMs: NOW_MS + 300_000, layer: 'source' }),
    'dashcache; fwd=uri-miss; stored; ttl=300',
  ],
  ['loaded and not kept', facts('miss', { layer: 'source' }), 'dashcache; fwd=uri-miss'],
  ['joined', facts('collapsed', { layer: 'source' }), 'dashcache; fwd=uri-miss; collapsed'],
  ['switched off', facts('bypass', { layer: 'source' }), 'dashcache; fwd=bypass'],
  ['the source failed', facts('error_hit', stale), 'dashcache; hit; ttl=-30; detail=stale-if-error'],
  ['unproven', facts('unproven_hit'), 'dashcache; hit; ttl=120; detail=unproven'],
  ['unproven and stale', facts('unproven_hit', stale), 'dashcache; hit; ttl=-30; detail=unproven'],
];

for (const [why, answer, text] of CASES) {
  t.test(`${why}: ${text}`, async (t) => {
    t.equal(cacheStatus(answer, NOW_MS), text);
    const [item] = parseList(text);
    t.ok(item?.[0] instanceof Token, 'is a structured header (RFC 9211)');
  });
}

t.test('ttl is the floor of seconds; stale is always negative and fresh never is', async (t) => {
  t.match(cacheStatus(facts('hit', { staleAtMs: NOW_MS + 1999 }), NOW_MS), 'ttl=1;');
  t.match(cacheStatus(facts('hit', { staleAtMs: NOW_MS - 5 }), NOW_MS), 'ttl=0;', 'read fresh a moment ago');
  t.match(cacheStatus(facts('stale_hit', { staleAtMs: NOW_MS }), NOW_MS), 'ttl=-1;');
  t.match(cacheStatus(facts('stale_hit', { staleAtMs: NOW_MS - 1 }), NOW_MS), 'ttl=-1;');
  t.match(cacheStatus(facts('stale_hit', { staleAtMs: NOW_MS - 1001 }), NOW_MS), 'ttl=-2;');
});

t.test('Age is whole seconds since the load, never negative', async (t) => {
  t.equal(ageSeconds({ storedAtMs: NOW_MS - 12_999 }, NOW_MS), 12);
  t.equal(ageSeconds({ storedAtMs: NOW_MS + 5000 }, NOW_MS), 0, 'a clock that was set back');
});

t.test('a dashboard is a hit only if every panel is one', async (t) => {
  const status = (...answers: (AnswerFacts | null)[]) => dashboardCacheStatus(answers, NOW_MS);
  t.equal(status(facts('hit'), facts('stale_hit', stale)), 'dashcache; hit; ttl=-30');
  t.equal(status(facts('hit'), facts('miss')), 'dashcache; fwd=uri-miss');
  t.equal(status(facts('hit'), null), 'dashcache; fwd=uri-miss', 'a panel that failed');
  t.equal(status(facts('hit'), facts('bypass')), 'dashcache; fwd=bypass');
  t.equal(status(facts('bypass'), facts('miss')), 'dashcache; fwd=uri-miss');
  t.equal(status(), 'dashcache; fwd=uri-miss');
  parseItem(status(facts('hit')));
});

t.test('hits are what an entry answered, in whatever state', async (t) => {
  const hits = ['hit', 'stale_hit', 'error_hit', 'unproven_hit'] as const;
  for (const outcome of hits) t.ok(isHit({ outcome }), outcome);
  for (const outcome of ['miss', 'collapsed', 'bypass'] as const) t.notOk(isHit({ outcome }), outcome);
});

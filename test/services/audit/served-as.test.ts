import t from 'tap';
import { type ServedAs, servedAs, servedState } from '../../../services/audit/served-as.js';
import type { AnswerFacts } from '../../../services/http/cache-status.js';
import { cacheStatus } from '../../../services/http/cache-status.js';

const NOW_MS = 1_000_000;

function told(outcome: AnswerFacts['outcome'], facts: Partial<AnswerFacts> = {}): ServedAs | null {
  const entry = { storedAtMs: NOW_MS - 5000 };
  const answer = { outcome, layer: 'l1', staleAtMs: NOW_MS + 9500, stored: true, entry, ...facts } as const;
  return servedAs(cacheStatus(answer, NOW_MS));
}

t.test('every Cache-Status that the service writes is read', async (t) => {
  const stale = { staleAtMs: NOW_MS - 500 };
  const expected: readonly (readonly [ServedAs | null, ServedAs, string | null])[] = [
    [told('hit'), { outcome: 'hit', detail: 'l1', ttlSeconds: 9 }, 'fresh'],
    [told('hit', { layer: 'l2' }), { outcome: 'hit', detail: 'l2', ttlSeconds: 9 }, 'fresh'],
    [told('stale_hit', stale), { outcome: 'hit', detail: 'l1', ttlSeconds: -1 }, 'stale'],
    [
      told('error_hit', stale),
      { outcome: 'hit', detail: 'stale-if-error', ttlSeconds: -1 },
      'stale-if-error',
    ],
    [told('unproven_hit'), { outcome: 'hit', detail: 'unproven', ttlSeconds: 9 }, 'unproven'],
    [told('miss'), { outcome: 'miss', detail: null, ttlSeconds: 9 }, null],
    [told('miss', { stored: false }), { outcome: 'miss', detail: null, ttlSeconds: null }, null],
    [told('collapsed'), { outcome: 'collapsed', detail: null, ttlSeconds: null }, null],
    [told('bypass'), { outcome: 'bypass', detail: null, ttlSeconds: null }, null],
  ];
  for (const [read, wanted, state] of expected) {
    t.same(read, wanted);
    t.equal(servedState(wanted), state);
  }
});

t.test('what others say beside it is not ours, and what is not ours is nothing', async (t) => {
  t.match(servedAs('cdn; hit; ttl=5, dashcache; hit; ttl=120; detail=l2'), { detail: 'l2', ttlSeconds: 120 });
  for (const text of ['', 'cdn; hit', 'dashcache', 'dashcache; hit; detail=l9', 'dashcachet; hit; detail=l1'])
    t.equal(servedAs(text), null, text);
});

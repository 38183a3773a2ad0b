import t from 'tap';
import { judgeHeaders } from '../../../services/audit/judge-headers.js';
import { copyOfAge, HIT, lookAt, READ_AT_MS, type Scene, STALE, someEvidence } from './some-evidence.js';

function kindOf(scene: Scene): string | null {
  return judgeHeaders(someEvidence(scene))?.kind ?? null;
}

t.test('an Age younger than every copy that is held', async (t) => {
  t.equal(kindOf({ ageMs: 60_000, claimedAgeSeconds: 58 }), 'false_age');
  t.equal(kindOf({ ageMs: 60_900, claimedAgeSeconds: 60 }), null, 'whole seconds, cut off');
  t.equal(kindOf({ ageMs: 60_000, claimedAgeSeconds: 61 }), null, 'an older one does no harm');
  const renewed = lookAt(20, { l1: copyOfAge(0), l2: copyOfAge(0) });
  t.equal(kindOf({ claimedAgeSeconds: 0, after: renewed }), null, 'one of them may have been served');
  const servedAs = { outcome: 'miss', detail: null, ttlSeconds: 600 } as const;
  t.equal(kindOf({ servedAs, claimedAgeSeconds: 0 }), null, 'a miss is of another load');
});

t.test('a hit of something that is not held', async (t) => {
  t.equal(kindOf({ etag: 'other' }), 'unexplained');
  t.equal(kindOf({ etag: 'other', servedAs: STALE }), 'unexplained');
  const refreshed = lookAt(20, { l1: copyOfAge(0, 'newest'), l2: null });
  t.equal(kindOf({ etag: 'other', after: refreshed }), null, 'it changed in between');
  const none = { l1: null, l2: null };
  t.equal(
    kindOf({ etag: 'other', before: lookAt(-20, none), after: lookAt(20, none) }),
    null,
    'Redis had it',
  );
  const quoted = { l1: copyOfAge(60_000, '"old"'), l2: null };
  t.equal(
    kindOf({ before: lookAt(-20, quoted), after: lookAt(20, quoted) }),
    null,
    'quotes are no part of it',
  );
});

t.test('unproven, though Redis answers', async (t) => {
  const servedAs = { ...HIT, detail: 'unproven' } as const;
  const since = (ms: number) => kindOf({ servedAs, redisAnswersSinceMs: READ_AT_MS - ms });
  t.equal(since(3001), 'unproven_too_long');
  t.equal(since(3000), null, '2 s, and the trust in which its absence is not noticed');
  t.equal(kindOf({ servedAs, redisAnswersSinceMs: null }), null, 'Redis does not answer');
  t.equal(kindOf({ redisAnswersSinceMs: 0 }), null, 'a proven hit');
});

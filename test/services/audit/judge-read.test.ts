import t from 'tap';
import type { BindingChange } from '../../../services/audit/evidence.js';
import { judgeRead } from '../../../services/audit/judge-read.js';
import type { ServedAs } from '../../../services/audit/served-as.js';
import {
  DEADLINE_MS,
  GRACE_MS,
  HIT,
  READ_AT_MS,
  type Scene,
  STALE,
  STALE_IF_ERROR_MS,
  someEvidence,
  TTL_MS,
} from './some-evidence.js';

/** `identical`, `older`, or the kind of the violation. */
function judged(scene: Scene): string {
  const verdict = judgeRead(someEvidence(scene));
  return verdict.is === 'violation' ? verdict.fault.kind : verdict.is;
}

const UNPROVEN: ServedAs = { outcome: 'hit', detail: 'unproven', ttlSeconds: 300 };
const ON_ERROR: ServedAs = { outcome: 'hit', detail: 'stale-if-error', ttlSeconds: -30 };
const MISS: ServedAs = { outcome: 'miss', detail: null, ttlSeconds: 600 };
const LAG_MS = 5000;

t.test('what the source says now, or said while it was looked at, is identical, however old', async (t) => {
  t.equal(judged({ content: 'new' }), 'identical');
  t.equal(judged({ content: 'new', ageMs: 10 * STALE_IF_ERROR_MS }), 'identical');
  t.equal(judged({ seen: ['new', 'old', 'newer'] }), 'identical');
  t.equal(judged({}), 'older');
});

t.test('old data after a purge', async (t) => {
  const purge: BindingChange = {
    mode: 'purge',
    beganAtMs: READ_AT_MS - 3000,
    bindsFromMs: READ_AT_MS - 1000,
    words: 'the purge of table tasks',
  };
  const read = (scene: Scene, change: Partial<BindingChange> = {}) =>
    judged({ ageMs: 60_000, ...scene, changes: [{ ...purge, ...change }] });

  t.equal(read({}), 'purge_ignored', 'as fresh');
  t.equal(read({ servedAs: STALE }), 'purge_ignored', 'as stale');
  t.equal(read({ servedAs: ON_ERROR }), 'purge_ignored', 'because the source fails');
  t.equal(read({}, { bindsFromMs: READ_AT_MS }), 'older', 'not yet in force when the read began');
  t.equal(read({ ageMs: 2500 }), 'older', 'loaded after it');
  t.equal(read({ servedAs: UNPROVEN, redisAnswersSinceMs: null }), 'older', 'marked as unproven');
  t.equal(read({ servedAs: { ...MISS, outcome: 'collapsed' } }), 'older', 'a joined load overlaps it');
  t.equal(read({ content: 'new' }), 'identical', 'what the source says needs no excuse');

  const early = { beganAtMs: READ_AT_MS - 3000, bindsFromMs: READ_AT_MS - 1000 };
  const truth = { content: 'new', unchangedSinceMs: READ_AT_MS - 3000 - LAG_MS - 1 };
  t.equal(read({ ageMs: 2500, truth }, early), 'purge_ignored', 'stored after it, and yet read before it');
  const late = { ...truth, unchangedSinceMs: READ_AT_MS - 3000 - LAG_MS };
  t.equal(read({ ageMs: 2500, truth: late }, early), 'older', 'read before it or after it, who knows');
  t.equal(read({ ageMs: 2500, truth: null }, early), 'older', 'while data move, its instants decide');

  const verdict = judgeRead(someEvidence({ changes: [purge] }));
  t.match(verdict, {
    fault: {
      promised: 'nothing from before the purge of table tasks',
      seen: /began 1 s after it was in force here was given what was read at least 56 s before it/,
    },
  });
});

t.test('old data called fresh after an expire', async (t) => {
  const words = 'the expire of everything';
  const expire = {
    mode: 'expire',
    beganAtMs: READ_AT_MS - 3000,
    bindsFromMs: READ_AT_MS - 1000,
    words,
  } as const;
  t.equal(judged({ changes: [expire] }), 'expire_ignored');
  t.equal(judged({ changes: [expire], servedAs: STALE }), 'older', 'stale, it may be served once more');
  t.equal(judged({ changes: [expire], servedAs: ON_ERROR }), 'older');
  t.equal(judged({ changes: [expire], ageMs: 2500 }), 'older', 'loaded after it');
  t.equal(judged({ changes: [expire, { ...expire, mode: 'purge' }] }), 'purge_ignored', 'the worse is told');
});

t.test('older than what it claims to be allows', async (t) => {
  const bounds: readonly (readonly [ServedAs, number])[] = [
    [HIT, TTL_MS],
    [STALE, TTL_MS + GRACE_MS],
    [ON_ERROR, TTL_MS + STALE_IF_ERROR_MS],
    [UNPROVEN, TTL_MS + STALE_IF_ERROR_MS],
  ];
  for (const [servedAs, boundMs] of bounds) {
    const of = (ageMs: number) => judged({ servedAs, ageMs, redisAnswersSinceMs: null });
    t.equal(of(boundMs), 'older', `${servedAs.detail}, ${servedAs.ttlSeconds}`);
    t.equal(of(boundMs + 1100), 'too_old', `${servedAs.detail}, ${servedAs.ttlSeconds}`);
  }
  t.equal(judged({ servedAs: MISS, ageMs: STALE_IF_ERROR_MS * 2 }), 'older', 'a miss claims no age');
});

t.test('an Age that the source proves wrong does not help', async (t) => {
  const since = (ms: number) => ({ content: 'new', unchangedSinceMs: READ_AT_MS - ms });
  const longest = TTL_MS + DEADLINE_MS + LAG_MS;
  const young = { servedAs: HIT, ageMs: 1000 };
  t.equal(judged({ ...young, truth: since(longest + 1100) }), 'too_old');
  t.not(judged({ ...young, truth: since(longest) }), 'too_old');
});

t.test('what was loaded when the source is known to have said something else', async (t) => {
  const since = (ms: number) => ({ content: 'new', unchangedSinceMs: READ_AT_MS - ms });
  t.equal(judged({ servedAs: MISS, truth: since(LAG_MS + 1) }), 'not_the_source');
  t.equal(judged({ servedAs: MISS, truth: since(LAG_MS) }), 'older', 'a source of files may lag');
  t.equal(judged({ servedAs: MISS, truth: null }), 'older', 'while data move, nobody knows');
  for (const outcome of ['collapsed', 'bypass'] as const) {
    const joined = { servedAs: { ...MISS, outcome } };
    t.equal(judged({ ...joined, truth: since(LAG_MS + DEADLINE_MS + 1) }), 'not_the_source', outcome);
    t.equal(judged({ ...joined, truth: since(LAG_MS + DEADLINE_MS) }), 'older', `${outcome}: begun before`);
  }
  t.equal(judged({ ageMs: 1000, truth: since(LAG_MS + DEADLINE_MS + 1100) }), 'not_the_source', 'a hit');
  t.equal(judged({ ageMs: 60_000, truth: since(LAG_MS + DEADLINE_MS + 1100) }), 'older', 'an older hit');
});

t.test('what is said about it is judged even where it shows what the source says', async (t) => {
  t.equal(judged({ content: 'new', claimedAgeSeconds: 0 }), 'false_age');
});

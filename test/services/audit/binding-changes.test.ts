import t from 'tap';
import { bindingChanges, type Trail } from '../../../services/audit/binding-changes.js';
import type { CacheEvent } from '../../../services/events/events-schema.js';
import { sampleEntry } from '../../cli/support/sample-entries.js';

const LEARNED_AT_MS = Date.parse('2026-11-25T08:00:00.000Z');
const at = new Date(LEARNED_AT_MS).toISOString();
const { tags } = sampleEntry();
const TASKS_OF_7 = { scope: 'table', name: 'tasks', tenant: '7' };

type Invalidation = Extract<CacheEvent, { kind: 'invalidation' }>;

function purge(change: Partial<Invalidation> = {}): Invalidation {
  return {
    kind: 'invalidation',
    at,
    mode: 'purge',
    cause: 'request',
    taken: true,
    scopes: [TASKS_OF_7],
    ...change,
  };
}

function trail(events: readonly CacheEvent[], told: Partial<Trail> = {}): Trail {
  const toHere = { leastMs: 100, mostMs: 110 };
  return { events, toHere, redisAnswersSinceMs: LEARNED_AT_MS - 10_000, ...told };
}

/** The time that an answer took is an uncertainty of its clock. */
const SKEW_MS = 10;
const nothing = trail([]);
const own = (event: CacheEvent, told: Partial<Trail> = {}) =>
  bindingChanges({ own: trail([event], told), others: [nothing] }, tags);

t.test('what a replica has learned binds its reads at once, and may be a trust older', async (t) => {
  t.same(own(purge()), [
    {
      mode: 'purge',
      beganAtMs: LEARNED_AT_MS + 100 - 1000 - SKEW_MS,
      bindsFromMs: LEARNED_AT_MS + 110,
      words: 'the purge of table tasks of tenant 7',
    },
  ]);
  t.match(own(purge({ mode: 'expire' })), [{ mode: 'expire', words: /^the expire of / }]);
});

t.test('what another has learned binds it a trust later, whatever it has heard', async (t) => {
  const changes = bindingChanges({ own: nothing, others: [trail([purge()])] }, tags);
  t.match(changes, [{ bindsFromMs: LEARNED_AT_MS + 110 + 1000 }]);
});

t.test('what a replica serves, one with another clock may have loaded', async (t) => {
  const behind = trail([], { toHere: { leastMs: 6000, mostMs: 6005 } });
  const [change] = bindingChanges({ own: trail([purge()]), others: [behind] }, tags);
  t.equal(change?.beganAtMs, LEARNED_AT_MS + 100 - 1000 - 5905);
  t.equal(change?.bindsFromMs, LEARNED_AT_MS + 110, 'when it learned of it is of its own clock');
});

t.test('only what the entry is tagged with', async (t) => {
  const of = (scope: Partial<typeof TASKS_OF_7> | { name: null; tenant: null }) =>
    own(purge({ scopes: [{ ...TASKS_OF_7, ...scope }] })).length;
  t.equal(of({}), 1);
  t.equal(of({ name: 'orders' }), 0);
  t.equal(of({ tenant: '8' }), 0);
  t.equal(of({ scope: 'tag' }), 0);
  t.match(own(purge({ scopes: [{ scope: 'all', name: null, tenant: null }] })), [
    { words: 'the purge of everything' },
  ]);
});

t.test('what Redis has not taken binds nobody yet', async (t) => {
  t.same(own(purge({ taken: false })), []);
});

t.test(
  'what was learned when Redis was not seen to answer for a trust says nothing of when it was',
  async (t) => {
    const since = (ms: number | null) => own(purge(), { redisAnswersSinceMs: ms }).length;
    t.equal(since(LEARNED_AT_MS + 100 - 1000), 1);
    t.equal(since(LEARNED_AT_MS + 100 - 999), 0);
    t.equal(since(null), 0);
    t.same(own(purge(), { toHere: null }), [], 'nor where its clock is not known');
  },
);

t.test('lost data in Redis are a purge of everything, with the time that unproven values have', async (t) => {
  t.match(own({ kind: 'new_root', at, cause: 'lost' }), [
    { mode: 'purge', bindsFromMs: LEARNED_AT_MS + 110 + 2000 },
  ]);
  t.same(own({ kind: 'new_root', at, cause: 'first' }), [], 'a first root is no loss');
  t.same(own({ kind: 'reload', at, outcome: 'taken' }), []);
});

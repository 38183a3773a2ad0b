import t from 'tap';
import type { AuditSample } from '../../../services/audit/audit-sample.js';
import type { AuditedReplica, ReplicaLook } from '../../../services/audit/audited-replica.js';
import type { Explanation } from '../../../services/audit/evidence.js';
import { ReplicaWatch } from '../../../services/audit/replica-watch.js';
import { sampleCopy, sampleEntry } from '../../cli/support/sample-entries.js';

const STORED_AT_MS = Date.parse('2026-11-25T08:00:00.000Z');
const anything = {} as AuditSample;

/** A look that lasts so long, by a service whose clock is so far ahead of ours. */
function explanation(
  fromMs: number,
  { tookMs = 10, aheadMs = 0, ageMs = 1000, none = false } = {},
): Explanation {
  const storedAt = new Date(fromMs + aheadMs - ageMs).toISOString();
  const copy = none ? null : sampleCopy({ stored_at: storedAt, age_ms: ageMs });
  return { fromMs, toMs: fromMs + tookMs, entry: sampleEntry({ l1: copy, l2: copy }) };
}

function watchOf(...looks: readonly Partial<ReplicaLook>[]): ReplicaWatch {
  const left = [...looks];
  const look = async (): Promise<ReplicaLook> => {
    const before = explanation(STORED_AT_MS);
    return { before, after: before, answer: null, problem: '', redisAnswers: true, ...left.shift() };
  };
  const replica: AuditedReplica = { name: 'r', look, events: async () => [] };
  return new ReplicaWatch(replica);
}

t.test('how its clock stands to ours is told by the quickest answer', async (t) => {
  const at = (fromMs: number, told = {}) => ({
    before: explanation(fromMs, told),
    after: explanation(fromMs, told),
  });
  const ahead = { aheadMs: 5000 };
  const watch = watchOf(
    at(STORED_AT_MS, { ...ahead, none: true }),
    at(STORED_AT_MS, { ...ahead, tookMs: 40 }),
    at(STORED_AT_MS, { ...ahead, tookMs: 4 }),
    at(STORED_AT_MS, { aheadMs: 7000, tookMs: 60 }),
    at(STORED_AT_MS, { aheadMs: 7000, tookMs: 1, ageMs: 0 }),
  );
  const known = [];
  for (let looks = 0; looks < 5; looks++) {
    await watch.look(anything);
    known.push((await watch.trail()).toHere);
  }
  const quickest = { leastMs: -5000, mostMs: -4996 };
  t.same(known, [null, { leastMs: -5000, mostMs: -4960 }, quickest, quickest, quickest]);
});

t.test('Redis answers it since the first of the looks in a row that said so', async (t) => {
  const at = (fromMs: number, redisAnswers: boolean) => ({ before: explanation(fromMs), redisAnswers });
  const watch = watchOf(at(1, true), at(2, true), at(3, false), at(4, true), at(5, true));
  const since = [];
  for (let looks = 0; looks < 5; looks++) {
    await watch.look(anything);
    since.push(watch.redisAnswersSinceMs);
  }
  t.same(since, [1, 1, null, 4, 4]);
});

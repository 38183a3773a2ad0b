import t from 'tap';
import { RecentReads } from '../../../services/cache/recent-reads.js';
import type { CacheRequest } from '../../../services/cache/request.js';
import { requestOf } from '../../helpers/cache-room.js';
import { ManualClock } from '../../helpers/manual-clock.js';

const MINUTE_MS = 60_000;

function requestFor(name: string, given: Partial<CacheRequest> = {}): CacheRequest {
  return { ...requestOf(() => '', { parts: [name] }), ...given };
}

t.test('given a flood of questions that are asked once, what was read again stays', async (t) => {
  const reads = new RecentReads(new ManualClock());
  const hot = Array.from({ length: 1000 }, (_empty, i) => requestFor(`hot ${i}`));
  for (const request of [...hot, ...hot]) reads.note(request);
  for (let i = 0; i < 5000; i++) reads.note(requestFor(`new ${i}`));
  t.equal(hot.filter((request) => reads.isLive(request, MINUTE_MS)).length, 1000);
  const kept = reads.hottestFirst();
  t.ok(
    kept.slice(0, 1000).every((request) => hot.includes(request)),
    'and comes first',
  );
  t.ok(kept.length > 2000 && kept.length < 2700, `${kept.length} are kept`);
});

t.test('given a flood of questions that are asked twice, so many are kept and no more', async (t) => {
  const reads = new RecentReads(new ManualClock());
  for (let i = 0; i < 20_000; i++) {
    reads.note(requestFor(`${i}`));
    reads.note(requestFor(`${i}`));
  }
  const kept = reads.hottestFirst();
  t.ok(kept.length > 1900 && kept.length < 2700, `${kept.length} are kept`);
});

t.test('given requests with long parameters, fewer are kept', async (t) => {
  const reads = new RecentReads(new ManualClock());
  for (let i = 0; i < 2000; i++) reads.note(requestFor(`${i}`, { extraBytes: 60_000 }));
  t.ok(reads.hottestFirst().length < 150);
  t.notOk(reads.isEmpty);
});

t.test('given what nobody can ask for any more, it is forgotten, read once or again', async (t) => {
  const reads = new RecentReads(new ManualClock());
  t.ok(reads.isEmpty);
  let isWanted = true;
  const [once, again] = ['once', 'again'].map((name) => requestFor(name, { isWanted: () => isWanted }));
  for (const request of [once, again, again]) if (request) reads.note(request);
  t.same(reads.hottestFirst(), [again, once]);
  isWanted = false;
  t.same(reads.hottestFirst(), []);
  t.ok(reads.isEmpty);
});

import t from 'tap';
import { EventTrail, silentTrail } from '../../../services/events/event-trail.js';
import type { CacheEvent } from '../../../services/events/events-schema.js';

const at = '2026-01-01T00:00:00.000Z';
const switched = (panel: string): CacheEvent => ({
  kind: 'switch',
  at,
  enabled: true,
  dashboard: 'd',
  panel,
});
const reload: CacheEvent = { kind: 'reload', at, outcome: 'taken' };

t.test('the newest comes first, also among events of one millisecond', async (t) => {
  const trail = new EventTrail();
  trail.record(switched('a'));
  trail.record(reload);
  trail.record(switched('b'));
  t.same(trail.recent({ limitCount: 10 }), [switched('b'), reload, switched('a')]);
  t.same(trail.recent({ limitCount: 2 }), [switched('b'), reload]);
  t.same(trail.recent({ kind: 'reload', limitCount: 10 }), [reload]);
  t.same(trail.recent({ kind: 'refresh', limitCount: 10 }), []);
});

t.test('full, it forgets the oldest of that kind and none of another', async (t) => {
  const trail = new EventTrail({ perKindCount: 3 });
  trail.record(reload);
  for (const panel of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) trail.record(switched(panel));
  t.same(trail.recent({ limitCount: 10 }), [switched('g'), switched('f'), switched('e'), reload]);
});

t.test('the silent twin takes everything and says nothing', async (t) => {
  t.doesNotThrow(() => silentTrail.record(reload));
});

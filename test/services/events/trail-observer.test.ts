import t from 'tap';
import type { CacheObserver } from '../../../services/cache/observer.js';
import { tenantFromParameter } from '../../../services/definitions/tenant.js';
import { EventTrail } from '../../../services/events/event-trail.js';
import { trailObserver } from '../../../services/events/trail-observer.js';
import { tagOf } from '../../../services/panel-tags.js';
import { CountingObserver } from '../../helpers/cache-room.js';
import { ManualClock } from '../../helpers/manual-clock.js';

function observing(): { observer: CacheObserver; behind: CountingObserver; trail: EventTrail } {
  const behind = new CountingObserver();
  const trail = new EventTrail();
  return { observer: trailObserver(behind, { trail, clock: new ManualClock() }), behind, trail };
}

const at = '2026-06-15T12:00:00.000Z';

t.test('what the cache tells goes on to the statistics behind it', async (t) => {
  const { observer, behind } = observing();
  observer.operation('look', 1);
  observer.event('purges');
  observer.frameRejected('tenant');
  observer.newRoot('lost');
  observer.invalidated({ mode: 'purge', cause: 'request', tags: ['*:all'], taken: true });
  observer.switched({ tag: '*:all', enabled: false });
  for (const name of ['operation:look', 'purges', 'frame:tenant', 'root:lost'])
    t.equal(behind.count(name), 1, name);
  t.equal(behind.invalidations.length, 1);
  t.equal(behind.switches.length, 1);
});

t.test('an invalidation is remembered by what it selected', async (t) => {
  const { observer, trail } = observing();
  const tags = [
    tagOf({ kind: 'table', name: 'tasks' }, tenantFromParameter('7')),
    tagOf({ kind: 'all' }),
    'nobody knows this',
  ];
  observer.invalidated({ mode: 'expire', cause: 'table', tags, taken: false });
  t.same(trail.recent({ limitCount: 1 }), [
    {
      kind: 'invalidation',
      at,
      mode: 'expire',
      cause: 'table',
      taken: false,
      scopes: [
        { scope: 'table', name: 'tasks', tenant: '7' },
        { scope: 'all', name: null, tenant: null },
      ],
    },
  ]);
});

t.test('a cause of another version is unknown, and a long list of tags is cut', async (t) => {
  const { observer, trail } = observing();
  const tags = Array.from({ length: 1000 }, (_, i) => tagOf({ kind: 'table', name: `t${i}` }));
  observer.invalidated({ mode: 'purge', cause: 'feed', tags, taken: true });
  const [event] = trail.recent({ limitCount: 1 });
  t.match(event, { kind: 'invalidation', cause: 'unknown' });
  t.equal(event?.kind === 'invalidation' && event.scopes.length, 100);
});

const SWITCHES: readonly [tag: string, dashboard: string | null, panel: string | null][] = [
  [tagOf({ kind: 'all' }), null, null],
  [tagOf({ kind: 'dashboard', name: 'operations' }), 'operations', null],
  [tagOf({ kind: 'panel', name: 'operations/charts/tasks' }), 'operations', 'charts/tasks'],
];
for (const [tag, dashboard, panel] of SWITCHES)
  t.test(`the switch of ${tag} is remembered by its place`, async (t) => {
    const { observer, trail } = observing();
    observer.switched({ tag, enabled: true });
    t.same(trail.recent({ limitCount: 1 }), [{ kind: 'switch', at, enabled: true, dashboard, panel }]);
  });

t.test('the switch of a tag that is no place of ours, and a new root', async (t) => {
  const { observer, trail } = observing();
  observer.switched({ tag: 'result:x', enabled: true });
  t.same(trail.recent({ limitCount: 1 }), []);
  observer.newRoot('foreign');
  t.same(trail.recent({ limitCount: 1 }), [{ kind: 'new_root', at, cause: 'foreign' }]);
});

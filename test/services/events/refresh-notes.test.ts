import t from 'tap';
import { DashcacheError } from '../../../errors.js';
import { tenantFromParameter } from '../../../services/definitions/tenant.js';
import { EventTrail } from '../../../services/events/event-trail.js';
import { RefreshNotes } from '../../../services/events/refresh-notes.js';
import { panelRead } from '../../../services/panel-read.js';
import { integerParameter, panelOf, parametersOf, resolved } from '../../helpers/cache-panels.js';
import { deferred } from '../../helpers/cache-room.js';
import { ManualClock } from '../../helpers/manual-clock.js';

const site = integerParameter('site_id', { tenant: true });
const read = panelRead(
  panelOf({ parameters: [site] }),
  parametersOf(resolved(site, 7)),
  tenantFromParameter('7'),
);
const about = {
  kind: 'refresh',
  dashboard: 'operations',
  panel: 'metrics',
  tenant: '7',
  definition: 'd'.repeat(32),
  params: { site_id: 7 },
};

function noting(): { notes: RefreshNotes; trail: EventTrail; clock: ManualClock } {
  const clock = new ManualClock();
  const trail = new EventTrail();
  return { notes: new RefreshNotes({ trail, clock }), trail, clock };
}

t.test('a load that succeeds is noted when it ends, with how long it took', async (t) => {
  const { notes, trail, clock } = noting();
  const load = deferred<string>();
  const noted = notes.note(read, 'stale', load.promise);
  t.same(trail.recent({ limitCount: 1 }), []);
  clock.advance(250);
  load.resolve('content');
  t.equal(await noted, 'content');
  t.same(trail.recent({ limitCount: 1 }), [
    {
      ...about,
      at: '2026-06-15T12:00:00.250Z',
      cause: 'stale',
      outcome: 'loaded',
      code: null,
      duration_ms: 250,
    },
  ]);
});

t.test('a load that fails is noted with its code, and fails', async (t) => {
  const { notes, trail } = noting();
  await t.rejects(notes.note(read, 'absent', Promise.reject(new DashcacheError('source_deadline'))), {
    code: 'source_deadline',
  });
  t.match(trail.recent({ limitCount: 1 }), [{ ...about, outcome: 'failed', code: 'source_deadline' }]);
  await t.rejects(notes.note(read, 'absent', Promise.reject(new TypeError('a fault of ours'))), TypeError);
  t.match(trail.recent({ limitCount: 1 }), [{ ...about, outcome: 'failed', code: 'internal' }]);
});

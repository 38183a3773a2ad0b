import t from 'tap';
import type { WatchedSource } from '../../../services/changes/watched-source.js';
import { WatchedSources } from '../../../services/changes/watched-sources.js';
import { systemClock } from '../../../services/clock.js';
import { silentLog } from '../../../services/log.js';
import { within } from '../../helpers/within.js';
import { changesOf, feedDatabase, install, TASKS, TASKS_SCHEMA } from './support/feed-room.js';

t.test('a source with a feed: its changes are invalidated, and what is known of it is told', async (t) => {
  const server = await feedDatabase(t);
  await server.query(TASKS_SCHEMA);
  const changes = changesOf('notify', TASKS);
  await install({ url: server.url, changes });
  const invalidated: string[] = [];
  const watched = new WatchedSources({
    declared: () => ({ dashboards: [], tablesOf: () => [], modeOf: () => 'expire' }),
    invalidate: async (tags, mode) => void invalidated.push(...tags.map((tag) => `${mode} ${tag}`)),
    watchedTables: { areHeard: (_source, tables) => tables.join() === 'tasks' },
    group: null,
    clock: systemClock,
    log: silentLog,
  });
  t.teardown(() => watched.close());
  const source: WatchedSource = {
    name: 'main',
    changes,
    database: async () => ({ connectionString: server.url }),
    declaration: 'first',
  };
  watched.watch([source]);
  t.same(watched.silent(), ['main']);
  t.equal(watched.figures()[0]?.incompleteForMs, Number.POSITIVE_INFINITY);
  t.equal(watched.toldToMs('main', ['tasks']), Number.NEGATIVE_INFINITY, 'it has told nothing yet');
  await within(10_000, () => watched.silent().length === 0, 'it is heard');
  t.ok(invalidated.includes('expire *:source:main'), 'what was stored before is not trusted');
  t.equal(watched.stateOf('other'), undefined);
  t.equal(watched.toldToMs('main', ['tasks']), Number.POSITIVE_INFINITY);
  for (const [source, tables] of [
    ['main', ['tasks', 'sites']],
    ['other', ['tasks']],
  ] as const)
    t.equal(watched.toldToMs(source, tables), Number.NEGATIVE_INFINITY, `${source} of ${tables}`);
  await server.query('INSERT INTO tasks VALUES (1, 7)');
  await within(10_000, () => invalidated.includes('expire 1:7:table:tasks'), 'the change is invalidated');
  await within(10_000, () => watched.figures()[0]?.changesCount === 1, 'it is counted');
  t.match(watched.figures(), [{ source: 'main', isOk: true, gapsCount: 1 }]);

  await server.freeze();
  const frozenAtMs = systemClock.nowMs();
  await within(10_000, () => watched.silent().length === 1, 'a frozen server is silent');
  const toldToMs = watched.toldToMs('main', ['tasks']);
  t.ok(toldToMs <= frozenAtMs && toldToMs > frozenAtMs - 10_000, 'what was told before stays told');
  await server.thaw();
  await within(15_000, () => watched.silent().length === 0, 'it is heard again');

  watched.watch([source]);
  t.equal(watched.stateOf('main')?.ok, true, 'the same declaration keeps the feed');
  watched.watch([{ ...source, declaration: 'second' }]);
  t.same(watched.silent(), ['main'], 'another one begins anew');
  watched.watch([]);
  t.same(watched.figures(), []);
});

t.test(
  'a database that is absent: its feed is silent and says why, and the end does not wait for it',
  async (t) => {
    const watched = new WatchedSources({
      declared: () => ({ dashboards: [], tablesOf: () => [], modeOf: () => 'expire' }),
      invalidate: async () => {},
      watchedTables: { areHeard: (_source, tables) => tables.join() === 'tasks' },
      group: null,
      clock: systemClock,
      log: silentLog,
    });
    const database = async () => ({
      host: '127.0.0.1',
      port: 1,
      user: 'nobody',
      password: '',
      database: 'none',
    });
    watched.watch([{ name: 'main', changes: changesOf('poll', TASKS), database, declaration: 'x' }]);
    await within(5000, () => /ECONNREFUSED/.test(watched.stateOf('main')?.detail ?? ''), 'it says why');
    t.same(watched.silent(), ['main']);
    await watched.close();
  },
);

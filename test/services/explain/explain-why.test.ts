import t from 'tap';
import type { Outlook } from '../../../services/cache/inspection.js';
import type { CacheEvent } from '../../../services/events/events-schema.js';
import { explainWhy, type WhyContext } from '../../../services/explain/explain-why.js';
import { sampleCopy, sampleEntry } from '../../cli/support/sample-entries.js';

const IDLE: Outlook = { is: 'none', inMs: 0, isLive: false, overdueAtMs: null };
const stored = sampleCopy();
const STORED_MS = Date.parse(stored.stored_at);
const fresh = { ...stored, state: 'fresh' } as const;
const stale = { ...stored, state: 'stale', reason: 'Stale for 3 s (its ttl was over).' } as const;

type Asked = Partial<Omit<WhyContext, 'outlook'>> & { readonly outlook?: Partial<Outlook> };

const why = (
  entry: Parameters<typeof sampleEntry>[0],
  { outlook = {}, events = [], ...context }: Asked = {},
) =>
  explainWhy(sampleEntry({ l2: null, found_in: 'l1', ...entry }), {
    nowMs: STORED_MS + 1000,
    events,
    outlook: { ...IDLE, ...outlook },
    leasedForMs: null,
    isIsolated: false,
    cacheEnabled: true,
    warmedAtMs: null,
    ...context,
  });

t.test('which refresh comes next, by what is being done and what is kept', async (t) => {
  const reasonOf = (...asked: Parameters<typeof why>) => why(...asked).refresh.reason;
  t.equal(reasonOf({ l1: stale }, { outlook: { is: 'running' } }), 'It is being loaded now.');
  t.match(reasonOf({ l1: stale }, { outlook: { is: 'waiting', inMs: 150 } }), 'may begin in 150 ms');
  t.match(reasonOf({ l1: stale }, { outlook: { is: 'waiting' } }), 'or the budget of its source is spent');
  t.equal(
    reasonOf({ l1: stale }, { outlook: { isLive: true } }),
    'The next read or change brings one: it is stale.',
  );
  t.match(reasonOf({ l1: stale }), 'nobody has read it within the last minute');
  t.notMatch(reasonOf({ l1: fresh }), 'by itself');
  t.equal(reasonOf({ enabled: false }), 'None: the cache is switched off for it.');
});

t.test('its contract ends when the cache says so', async (t) => {
  const { refresh } = why({ l1: fresh }, { outlook: { overdueAtMs: STORED_MS + 5000 } });
  t.equal(refresh.contract_ends_at, new Date(STORED_MS + 5000).toISOString());
});

t.test('without an event that tells, what is known of the entry is the reason', async (t) => {
  t.equal(why({ l1: stale }).because, stale.reason);
  t.match(why({ l1: fresh }).because, /^loaded by another process.*; nothing has invalidated it since$/);
  t.match(
    why({ l1: null, found_in: null, state: 'absent' }).because,
    'nothing is stored, and this process remembers no load of it',
  );
  t.match(why({ enabled: false }).because, 'this process did not see when');
});

t.test('what happened to others is no part of its story', async (t) => {
  const at = new Date(STORED_MS + 10).toISOString();
  const own = sampleEntry();
  const strangers: CacheEvent[] = [
    { kind: 'switch', at, enabled: false, dashboard: 'other', panel: null },
    { kind: 'switch', at, enabled: false, dashboard: own.key.dashboard, panel: 'other' },
    { kind: 'reload', at, outcome: 'refused' },
    { kind: 'change', at, source: own.source, by: 'feed', tables: [{ table: 'other', tenants: null }] },
    { kind: 'change', at, source: 'other', by: 'gap', tables: [] },
    {
      kind: 'invalidation',
      at,
      mode: 'purge',
      cause: 'request',
      taken: true,
      scopes: [{ scope: 'table', name: 'other', tenant: null }],
    },
    {
      kind: 'refresh',
      at,
      dashboard: own.key.dashboard,
      panel: own.panel,
      tenant: own.key.tenant,
      params: { other: 1 },
      cause: 'absent',
      outcome: 'loaded',
      code: null,
      duration_ms: 1,
    },
  ];
  const { story } = why({ l1: fresh }, { events: strangers });
  t.same(
    story.map(({ event }) => event),
    [null],
    'only where it came from',
  );
});

t.test(
  'a failure after the load is told with the reason; one of an earlier definition is not its own',
  async (t) => {
    const own = sampleEntry();
    const failed = (definition: string): CacheEvent => ({
      kind: 'refresh',
      at: new Date(STORED_MS + 500).toISOString(),
      ...{ dashboard: own.key.dashboard, panel: own.panel, tenant: own.key.tenant, params: own.params },
      ...{ definition, cause: 'stale', outcome: 'failed', code: 'source_down', duration_ms: 3 },
    });
    const because = (definition: string) => why({ l1: stale }, { events: [failed(definition)] }).because;
    t.equal(
      because(own.key.definition),
      'Stale for 3 s (its ttl was over); its last load failed 500 ms ago (source_down)',
    );
    t.equal(because('earlier'), stale.reason);
    const { story } = why({ l1: stale }, { events: [failed('earlier')] });
    t.match(
      story.at(-1)?.text,
      /\(source_down\); it was begun because its ttl was over; by an earlier definition$/,
    );
  },
);

t.test('given a Redis that does not answer, it is said that others may know more', async (t) => {
  t.match(
    why({ l1: fresh }, { isIsolated: true }).because,
    /nothing has invalidated it since; Redis does not answer, so what others did since is not known here$/,
  );
  t.notMatch(why({ enabled: false }, { isIsolated: true }).because, /Redis/);
});

import t from 'tap';
import { DashcacheError } from '../../../errors.js';
import type { AuditSample } from '../../../services/audit/audit-sample.js';
import { type AuditLimits, type AuditResult, runAudit } from '../../../services/audit/run-audit.js';
import type { ServedAs } from '../../../services/audit/served-as.js';
import { sampleEntry } from '../../cli/support/sample-entries.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { definitionsOf } from '../definitions/some-definitions.js';
import { type ScriptedLook, ScriptedReplica } from './scripted-replica.js';

const SHOP = `
id: shop
source: main
params:
  site_id: { type: integer, tenant: true, options: SELECT id FROM sites }
  region: { type: string, max_length: 20 }
metrics: { query: SELECT count(*) AS sales FROM sales WHERE site_id = :site_id }
summary: { query: SELECT name FROM sites WHERE id = :site_id }
charts:
  hidden: { type: pie, labels: a, query: "SELECT a, b FROM c WHERE site_id = :site_id AND region = :region" }
`;
const TENANTS = ['7', '8', '9'];
const MISS: ServedAs = { outcome: 'miss', detail: null, ttlSeconds: 300 };

type Script = (sample: AuditSample) => ScriptedLook;

interface Stage {
  readonly clock: ManualClock;
  readonly pauses: number[];
  readonly replicas: ScriptedReplica[];
  /** What the source says; an error is thrown. */
  source: () => string | DashcacheError;
  failure: unknown;
  run(limits?: Partial<AuditLimits>): Promise<AuditResult>;
}

function stage(...scripts: Script[]): Stage {
  const clock = new ManualClock();
  const pauses: number[] = [];
  const replicas = scripts.map((script, index) => new ScriptedReplica(`r${index}`, { clock, script }));
  const made: Stage = {
    clock,
    pauses,
    replicas,
    source: () => '"data":1',
    failure: null,
    async run(limits) {
      const contentOf = async () => {
        const said = made.source();
        if (said instanceof DashcacheError) throw said;
        return said;
      };
      const pause = async (ms: number) => {
        pauses.push(ms);
        clock.advance(ms);
      };
      const definitions = await definitionsOf({ 'shop.yaml': SHOP });
      const outcome = await runAudit(
        {
          definitions,
          replicas,
          truth: { contentOf, valuesOf: async () => TENANTS },
          clock,
          pause,
          tell: () => {},
        },
        { samplesCount: 6, forMs: 3_600_000, everyMs: 1000, seed: 1, ...limits },
      );
      made.failure = outcome.failure;
      return outcome.result;
    },
  };
  return made;
}

const honest: Script = () => ({});
/** The answer to a question without a tenant. */
const swapped: Script = (sample) => ({
  insteadOf: () => ({ ...sample, read: { ...sample.read, bound: [] } }),
});

t.test('honest replicas: all reads are as the source', async (t) => {
  const result = await stage(honest, honest).run();
  t.match(result, { samples: 6, places: 6, reads: 12, within: 12, identical: 12, violations: [] });
  t.match(result, { replicas: ['r0', 'r1'], unknown: 0, unanswered: 0, source_away: false });
  t.same(result.skipped, ['charts/hidden of shop: nobody tells the values of region']);
});

t.test('each place is sampled once before any is again, in an order that the seed decides', async (t) => {
  const orderOf = async (seed: number) => {
    const { replicas, run } = stage(honest);
    await run({ samplesCount: 12, seed });
    return replicas[0]?.asked ?? [];
  };
  const order = await orderOf(5);
  t.equal(new Set(order.slice(0, 6)).size, 6);
  t.equal(new Set(order.slice(6)).size, 6);
  t.same(await orderOf(5), order);
  t.notSame(await orderOf(6), order);
});

t.test('it keeps to its rate, and ends at the first of its limits', async (t) => {
  const { run, pauses } = stage(honest);
  const result = await run({ samplesCount: 100, forMs: 3000, everyMs: 1000 });
  t.equal(result.samples, 3);
  t.same(pauses, [998, 998, 998], 'what a sample took is no pause');
  t.equal((await stage(honest).run({ samplesCount: 1 })).samples, 1);
});

t.test('data that move while the replicas are asked accuse nobody', async (t) => {
  const moving = stage(() => ({ content: '"data":2', servedAs: MISS }));
  let asked = 0;
  moving.source = () => (asked++ % 2 === 0 ? '"data":1' : '"data":2');
  t.match(await moving.run(), { identical: 6, violations: [] });
  const racing = stage(() => ({ content: '"data":0', servedAs: MISS }));
  racing.source = () => `"data":${++asked}`;
  t.match(await racing.run({ samplesCount: 20 }), { older: { loaded: 20 }, violations: [] });
});

t.test('a read is accused only where the source still says otherwise a moment later', async (t) => {
  let reads = 0;
  const script: Script = () => (++reads > 18 ? { content: '"data":2', servedAs: MISS } : {});
  const lying = stage(script);
  const found = await lying.run({ samplesCount: 19 });
  t.match(found, { reads: 19, within: 18, violations: [{ kind: 'not_the_source', replica: 'r0' }] });
  t.equal(found.nines?.percent, 94.7368);
  t.ok(lying.pauses.includes(5000));

  reads = 0;
  const late = stage(script);
  late.source = () => (late.pauses.includes(5000) ? '"data":2' : '"data":1');
  t.match(
    await late.run({ samplesCount: 19 }),
    { identical: 19, violations: [] },
    'our own source was behind',
  );
  t.ok(late.pauses.includes(5000));
});

t.test('old data after a purge that another replica has told', async (t) => {
  const old: Script = () => ({ content: '"data":0', ageMs: 120_000 });
  const purged = stage(honest, old);
  purged.replicas[0]?.trail.push({
    kind: 'invalidation',
    at: new Date(purged.clock.nowMs() + 2000).toISOString(),
    mode: 'purge',
    cause: 'request',
    taken: true,
    scopes: [{ scope: 'all', name: null, tenant: null }],
  });
  const { violations, older } = await purged.run();
  t.match(violations, [{ kind: 'purge_ignored', replica: 'r1', promised: /the purge of everything/ }]);
  t.equal(violations.length, 3, 'of the reads that began a trust after it');
  t.equal(older.fresh, 3);
});

t.test('without the source nothing is judged but what needs none', async (t) => {
  const away = stage(honest, swapped);
  away.source = () => new DashcacheError('source_down', { detail: 'it is away' });
  const result = await away.run();
  t.match(result, { reads: 6, unknown: 6, source_away: true, violations_by_kind: { wrong_tenant: 6 } });
  t.match(result.problems, [/: it is away$/]);

  const faulty = stage(honest);
  faulty.source = () => new DashcacheError('source_wrong_answer');
  t.match(await faulty.run(), { reads: 0, unknown: 6, source_away: false, nines: null });
});

t.test('problems are no lies, and are told', async (t) => {
  const result = await stage(honest, () => ({ problem: 'It is down' })).run({ samplesCount: 1 });
  t.match(result, { reads: 1, unanswered: 1, violations: [] });
  t.match(result.problems, [/^r1\/dashboards\/shop\/\w+\?site_id=\d: It is down$/]);
});

t.test('replicas that differ from each other, though each shows what the source says', async (t) => {
  const other: Script = () => ({ generatedAtMs: 0 });
  const { violations } = await stage(honest, other).run({ samplesCount: 1 });
  t.match(violations, [{ kind: 'etag_shared', replica: 'r1' }], 'their instants are in the bodies');
});

t.test('the worst is told first', async (t) => {
  let reads = 0;
  const young: Script = () => ({ servedAs: MISS, entry: { key: { ...sampleEntry().key, hash: 'x' } } });
  const both: Script = (sample) => (++reads > 3 ? swapped(sample) : young(sample));
  const result = await stage(honest, both).run();
  t.same(Object.entries(result.violations_by_kind), [
    ['wrong_tenant', 3],
    ['keys_differ', 3],
  ]);
  t.match(result.violations[0], { dashboard: 'shop', tenant: /[789]/, address: /^\/dashboards\/shop\// });
});

t.test('a replica that can no longer be asked ends it, and what was found until then is told', async (t) => {
  let reads = 0;
  const gone = new Error('nobody is there');
  const leaving: Script = () => {
    if (++reads > 2) throw gone;
    return {};
  };
  const ended = stage(honest, leaving);
  t.match(await ended.run(), { samples: 3, reads: 4, within: 4, ended_early: 'nobody is there' });
  t.equal(ended.failure, gone);
});

t.test('a fault of its own is no verdict', async (t) => {
  const broken = stage(honest);
  broken.source = () => {
    throw new TypeError('a fault');
  };
  t.match(await broken.run(), { reads: 0, ended_early: 'a fault' });
  t.type(broken.failure, TypeError);
});

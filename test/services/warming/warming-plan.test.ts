import t from 'tap';
import { DashcacheError } from '../../../errors.js';
import { planned, warmingPlan } from '../../../services/warming/warming-plan.js';
import type { WarmingBody } from '../../../services/warming/warming-schema.js';
import { definitionsOf } from '../definitions/some-definitions.js';

const NOW_MS = Date.UTC(2026, 5, 15, 12);

const definitions = await definitionsOf({
  'operations.yaml': `
id: operations
source: main
params:
  site_id: { type: integer, minimum: 1, tenant: true, options: SELECT 1 AS id }
  period: { type: period, default: 30d, maximum: 90d, align: 1d }
  kind: { type: string, enum: [a, b], optional: true, options: "SELECT :site_id AS id" }
metrics: { query: "SELECT :site_id AS one, :period_start AS s, :period_end AS e" }
summary: { query: "SELECT :site_id AS one, :kind AS kind" }
`,
  'plain.yaml':
    'id: plain\nsource: main\nparams:\n  n: { type: integer, default: 1 }\nmetrics: { query: "SELECT :n AS n" }\n',
  'nameless.yaml':
    'id: nameless\nsource: main\nparams:\n  t: { type: string, tenant: true }\nmetrics: { query: "SELECT :t AS t" }\n',
});

const planOf = (body: WarmingBody) => warmingPlan(body, definitions, NOW_MS);

t.test('a whole dashboard has its choices too, and one panel has not', async (t) => {
  const whole = planOf({ dashboard: 'operations', tenant: '7' });
  t.same(
    whole.panels.map(({ id }) => id),
    ['options/site_id', 'options/kind', 'metrics', 'summary'],
  );
  const one = planOf({ dashboard: 'operations', panel: 'summary', tenant: '7' });
  t.same(
    one.panels.map(({ id }) => id),
    ['summary'],
  );
});

const TENANTS: readonly [body: WarmingBody, tenant: string | null][] = [
  [{ dashboard: 'operations', tenant: '7' }, '7'],
  [{ dashboard: 'operations', params: { site_id: 7 } }, '7'],
  [{ dashboard: 'operations', params: { site_id: '7' } }, '7'],
  [{ dashboard: 'operations', params: { site_id: 7 }, tenant: '7' }, '7'],
  [{ dashboard: 'operations' }, 'all'],
  [{ dashboard: 'plain' }, null],
];
for (const [body, tenant] of TENANTS)
  t.test(`${JSON.stringify(body)} is for ${tenant}`, async (t) => {
    t.equal(planOf(body).tenant, tenant);
  });

t.test('the reads are those that a browser would make at that moment', async (t) => {
  const plan = planOf({ dashboard: 'operations', params: { period: '7d' } });
  const reads = planned(plan, '42', NOW_MS);
  t.same(
    reads.map(({ panel, tenant }) => [panel.id, tenant.text]),
    [
      ['options/site_id', null],
      ['options/kind', '42'],
      ['metrics', '42'],
      ['summary', '42'],
    ],
  );
  t.equal(reads[2]?.parameters.get('period')?.canonical, '2026-06-09T00:00:00Z/2026-06-16T00:00:00Z');
  t.equal(reads[3]?.parameters.get('kind')?.canonical, null);
});

const FAULTS: readonly [body: WarmingBody, pointers: readonly string[]][] = [
  [{ dashboard: 'operations', params: { site_id: 7 }, tenant: '8' }, ['/tenant']],
  [{ dashboard: 'operations', params: { site_id: 0 } }, ['/tenant']],
  [{ dashboard: 'operations', tenant: 'x' }, ['/tenant']],
  [{ dashboard: 'operations', tenant: '7', params: { period: '400d' } }, ['/params/period']],
  [{ dashboard: 'operations', params: { period: '400d' } }, ['/params/period']],
  [{ dashboard: 'operations', params: { kind: null, period: {} } }, ['/params/kind', '/params/period']],
  [{ dashboard: 'operations', tenant: '7', params: { 'a/b~c': 1 } }, ['/params/a~1b~0c']],
  [{ dashboard: 'operations', params: { kind: 'c' } }, ['/params/kind']],
  [{ dashboard: 'plain', tenant: '7' }, ['/tenant']],
  [{ dashboard: 'plain', params: { n: 1.5 } }, ['/params/n']],
  [{ dashboard: 'plain', params: { n: 2 ** 53 } }, ['/params/n']],
  [{ dashboard: 'nameless' }, ['']],
];
for (const [body, pointers] of FAULTS)
  t.test(`${JSON.stringify(body)} is refused at ${pointers.join(' ') || 'the whole'}`, async (t) => {
    try {
      planOf(body);
      t.fail('it was taken');
    } catch (error) {
      if (!(error instanceof DashcacheError)) throw error;
      t.equal(error.code, 'body_invalid');
      t.same(
        error.errors.map(({ pointer }) => pointer),
        pointers,
      );
    }
  });

t.test('unknown dashboards and panels are said by their names', async (t) => {
  t.throws(() => planOf({ dashboard: 'operatoins' }), { code: 'dashboard_unknown', message: /operations/ });
  t.throws(() => planOf({ dashboard: 'plain', panel: 'metric' }), {
    code: 'panel_unknown',
    message: /metrics/,
  });
});

t.test('a tenant that the parameter does not accept can not be planned for', async (t) => {
  const plan = planOf({ dashboard: 'operations' });
  t.throws(() => planned(plan, 'x', NOW_MS), { code: 'body_invalid', errors: [{ pointer: '/tenant' }] });
});

import fc from 'fast-check';
import t from 'tap';
import { dashboardBody, paramsJson, withDashboardMembers } from '../../../services/http/dashboard-body.js';
import { siteId } from '../../routes/fixtures/fake-definitions.js';

t.test('panels are joined, never parsed, into what JSON.stringify would have made', async (t) => {
  const name = fc.stringMatching(/^[a-z0-9_]{1,12}$/);
  const value = fc.jsonValue();
  fc.assert(
    fc.property(
      fc.option(value),
      fc.dictionary(name, value, { maxKeys: 4, noNullPrototype: true }),
      fc.option(value),
      (metrics, charts, summary) => {
        const bytes = (json: unknown) => Buffer.from(JSON.stringify(json));
        const parts = [
          ...(metrics === null ? [] : [{ panelId: 'metrics', bytes: bytes(metrics) }]),
          ...Object.entries(charts).map(([id, chart]) => ({ panelId: `charts/${id}`, bytes: bytes(chart) })),
          ...(summary === null ? [] : [{ panelId: 'summary', bytes: bytes(summary) }]),
        ];
        const expected = {
          dashboard: 'd',
          params: { n: 1 },
          panels: {
            ...(metrics !== null && { metrics }),
            charts,
            ...(summary !== null && { summary }),
          },
        };
        const told = { title: 'x' };
        return (
          dashboardBody('d', '{"n":1}', parts).toString() === JSON.stringify(expected) &&
          withDashboardMembers(told, { dashboardId: 'd', params: '{"n":1}', parts }).toString() ===
            JSON.stringify({ ...told, ...expected })
        );
      },
    ),
    { numRuns: 500 },
  );
  t.pass();
});

t.test('params stand in their canonical JSON, in order', async (t) => {
  const resolved = (name: string, json: string) =>
    [
      name,
      {
        parameter: { ...siteId, name },
        canonical: json,
        json,
        binds: new Map(),
        previousBinds: null,
        meantUntilMs: Number.POSITIVE_INFINITY,
      },
    ] as const;
  t.equal(paramsJson(new Map([resolved('b', '7'), resolved('a', '"x"')])), '{"b":7,"a":"x"}');
  t.equal(paramsJson(new Map()), '{}');
});

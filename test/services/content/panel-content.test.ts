import t from 'tap';
import { DashcacheError } from '../../../errors.js';
import { optionsContent, panelContent } from '../../../services/content/panel-content.js';
import type { Panel, ValueDefinition } from '../../../services/definitions/model.js';
import type { Cell, ColumnType, SourceResult } from '../../../services/sources/source.js';

const PLACE = { file: 'operations.yaml', line: 1, column: 1 };

function panel(changed: Partial<Panel> = {}): Panel {
  return {
    dashboardId: 'operations',
    id: changed.chart ? 'charts/tasks' : 'metrics',
    kind: changed.chart ? 'chart' : 'metrics',
    title: 'Tasks',
    sourceName: 'main',
    queries: [],
    chart: null,
    values: new Map(),
    policy: {
      ttlMs: 1,
      graceMs: 1,
      staleIfErrorMs: 1,
      deadlineMs: 1,
      softDeadlineMs: null,
      unproven: 'allow',
      maxStalenessMs: null,
    },
    ttlOrigin: 'panel',
    tags: [],
    dependsOn: [],
    ttlOnly: false,
    tenantProof: 'required',
    maxRowsCount: 10,
    maxBytes: 1000,
    client: { maxAgeMs: 0, staleMs: 0, staleIfErrorMs: 0 },
    parameters: [],
    definitionHash: '',
    place: PLACE,
    ...changed,
  };
}

function value(changed: Partial<ValueDefinition>): ValueDefinition {
  return {
    title: '',
    format: null,
    unit: null,
    digits: null,
    better: null,
    exact: false,
    compare: null,
    ...changed,
  };
}

function result(columns: Readonly<Record<string, ColumnType>>, ...rows: Cell[][]): SourceResult {
  return { columns: Object.entries(columns).map(([name, type]) => ({ name, type })), rows };
}

const COMPARED = value({ compare: 'previous_period' });
const LINE = { type: 'line', labels: 'day' } as const;

function parsed(content: string): unknown {
  return JSON.parse(`{${content}}`);
}

function refusal(action: () => unknown): DashcacheError {
  try {
    action();
  } catch (error) {
    if (error instanceof DashcacheError) return error;
    throw error;
  }
  throw new Error('It should have failed');
}

t.test('metrics of one row are one object, every value by its type', async (t) => {
  const values = new Map([['cost', value({ exact: true })]]);
  const content = panelContent(
    panel({ values }),
    [result({ total: 'integer', cost: 'decimal', last: 'timestamp' }, [3, '1.50', null])],
    null,
  );
  t.equal(content, '"data":{"total":3,"cost":"1.50","last":null}');
});

t.test('a column whose name JSON must escape is written escaped', async (t) => {
  t.same(
    parsed(panelContent(panel(), [result({ 'a "b"\n': 'text', __proto__x: 'text' }, ['x', 'y'])], null)),
    {
      data: { 'a "b"\n': 'x', __proto__x: 'y' },
    },
  );
});

t.test('no row: null', async (t) => {
  t.equal(panelContent(panel(), [result({ total: 'integer' })], null), '"data":null');
});

t.test('several rows: a wrong answer that names the panel', async (t) => {
  const error = refusal(() => panelContent(panel(), [result({ total: 'integer' }, [1], [2])], null));
  t.equal(error.code, 'source_wrong_answer');
  t.match(error.message, /metrics .*several rows/);
});

t.test('several queries: their rows are merged, and one without a row gives nulls', async (t) => {
  const tasks = result({ tasks: 'integer' }, [3]);
  const orders = result({ orders: 'integer' });
  t.equal(panelContent(panel(), [tasks, orders], null), '"data":{"tasks":3,"orders":null}');
  t.equal(panelContent(panel(), [orders], null), '"data":null');
});

t.test('two columns of one name, in one query or in two: a wrong answer that names the column', async (t) => {
  const twice = {
    columns: [
      { name: 'n', type: 'integer' as const },
      { name: 'n', type: 'integer' as const },
    ],
    rows: [],
  };
  t.match(
    refusal(() => panelContent(panel(), [twice], null)),
    { code: 'source_wrong_answer', message: /named n/ },
  );
  const n = result({ n: 'integer' }, [1]);
  t.match(
    refusal(() => panelContent(panel(), [n, n], null)),
    { code: 'source_wrong_answer', message: /named n/ },
  );
});

t.test('a comparison holds the compared values only, as nulls where there was no row', async (t) => {
  const values = new Map([
    ['total', COMPARED],
    ['cost', value({})],
  ]);
  const now = result({ total: 'integer', cost: 'integer', other: 'integer' }, [3, 4, 5]);
  const before = result({ total: 'integer', cost: 'integer', other: 'integer' }, [1, 2, 9]);
  t.equal(
    panelContent(panel({ values }), [now], [before]),
    '"data":{"total":3,"cost":4,"other":5},"previous":{"total":1}',
  );
  t.equal(
    panelContent(panel({ values }), [now], [{ ...before, rows: [] }]),
    '"data":{"total":3,"cost":4,"other":5},"previous":{"total":null}',
  );
});

t.test('a chart has its labels, and every other column as a series in the order of the query', async (t) => {
  const rows = result(
    { total: 'integer', day: 'date', done: 'float' },
    [3, '2026-01-01', 1.5],
    [4, '2026-01-02', null],
  );
  t.equal(
    panelContent(panel({ chart: LINE }), [rows], null),
    '"data":{"type":"line","labels":["2026-01-01","2026-01-02"],"series":[{"name":"total","values":[3,4]},{"name":"done","values":[1.5,null]}]}',
  );
});

t.test('a chart without rows has empty lists', async (t) => {
  t.equal(
    panelContent(panel({ chart: LINE }), [result({ day: 'date', total: 'integer' })], null),
    '"data":{"type":"line","labels":[],"series":[{"name":"total","values":[]}]}',
  );
});

t.test('a chart without its column of labels: a wrong answer that names it', async (t) => {
  t.match(
    refusal(() => panelContent(panel({ chart: LINE }), [result({ n: 'integer' })], null)),
    { code: 'source_wrong_answer', message: /charts\/tasks has no column day/ },
  );
});

t.test('a chart of no query or of two: a wrong answer', async (t) => {
  const rows = result({ day: 'date' });
  t.equal(refusal(() => panelContent(panel({ chart: LINE }), [], null)).code, 'source_wrong_answer');
  t.equal(
    refusal(() => panelContent(panel({ chart: LINE }), [rows, rows], null)).code,
    'source_wrong_answer',
  );
});

t.test('the comparison of a chart has the labels of its own period and the compared series', async (t) => {
  const values = new Map([['total', COMPARED]]);
  const rows = (day: string, total: number) =>
    result({ day: 'date', total: 'integer', done: 'integer' }, [day, total, 0]);
  t.equal(
    panelContent(
      panel({ chart: { type: 'bar', labels: 'day' }, values }),
      [rows('2026-02-01', 4)],
      [rows('2026-01-01', 3)],
    ),
    '"data":{"type":"bar","labels":["2026-02-01"],"series":[{"name":"total","values":[4]},{"name":"done","values":[0]}]},' +
      '"previous":{"labels":["2026-01-01"],"series":[{"name":"total","values":[3]}]}',
  );
});

t.test('a chart of a million cells is written in a moment', async (t) => {
  const rows = Array.from({ length: 100_000 }, (_empty, index): Cell[] => [
    `2026-01-01T00:00:00.${index}Z`,
    ...Array.from({ length: 9 }, (_none, series) => index * series),
  ]);
  const columns = rows[0]?.map((_cell, index) => ({
    name: index === 0 ? 'day' : `s${index}`,
    type: index === 0 ? ('timestamp' as const) : ('integer' as const),
  }));
  const startMs = performance.now();
  const content = panelContent(panel({ chart: LINE }), [{ columns: columns ?? [], rows }], null);
  const tookMs = performance.now() - startMs;
  t.ok(content.length > 5_000_000);
  // It takes about 100 ms; what builds an object per cell or grows with the square takes many seconds.
  t.ok(tookMs < 3000, `took ${Math.round(tookMs)} ms`);
});

t.test('options: the first column is the value, the second the label', async (t) => {
  t.equal(
    optionsContent(result({ id: 'integer', name: 'text', more: 'text' }, [7, 'North', 'x'], [8, null, 'x'])),
    '{"options":[{"value":7,"label":"North"},{"value":8,"label":"8"}]}',
  );
});

t.test('options of one column: the value is the label too', async (t) => {
  t.equal(
    optionsContent(result({ id: 'integer' }, [9_007_199_254_740_993n], [null])),
    '{"options":[{"value":"9007199254740993","label":"9007199254740993"},{"value":null,"label":""}]}',
  );
  t.equal(optionsContent({ columns: [], rows: [] }), '{"options":[]}');
});

t.test(
  'an answer without a row and so without a column: an empty chart, null, and nulls to compare with',
  async (t) => {
    const nothing = { columns: [], rows: [] };
    t.same(parsed(panelContent(panel({ chart: LINE }), [nothing], null)), {
      data: { type: 'line', labels: [], series: [] },
    });
    const values = new Map([['total', COMPARED]]);
    t.equal(panelContent(panel({ values }), [nothing], [nothing]), '"data":null,"previous":{"total":null}');
  },
);

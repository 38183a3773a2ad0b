import fc from 'fast-check';
import t from 'tap';
import { DashcacheError, type Fault } from '../../../errors.js';
import type { Dashboard, Panel } from '../../../services/definitions/model.js';
import {
  resolveParameters,
  resolveParameterTexts,
} from '../../../services/definitions/resolve-parameters.js';
import { dashboardWith } from './some-definitions.js';

const NOW_MS = Date.UTC(2026, 5, 15, 12);

const everything = await dashboardWith(
  [
    'n: { type: integer, default: 1 }',
    'small: { type: integer, minimum: -5, maximum: 5, default: 0 }',
    'x: { type: number, default: 0 }',
    'positive: { type: number, minimum: 0.5, optional: true }',
    'flag: { type: boolean, default: true }',
    'word: { type: string, optional: true, max_length: 3 }',
    'kind: { type: string, enum: [open, closed], default: open }',
    'code: { type: string, pattern: "^[A-Z]{2}$", optional: true }',
    'day: { type: date, optional: true }',
    'at: { type: timestamp, optional: true }',
    'period: { type: period, default: 30d, align: 1d, timezone: Europe/Berlin }',
    'span: { type: period, optional: true }',
  ],
  ['n', 'small', 'x', 'positive', 'flag', 'word', 'kind', 'code', 'day', 'at', 'period_start', 'span_end'],
);

function ask(
  dashboard: Dashboard,
  rawQuery: string,
  panels: readonly Panel[] = [...dashboard.panels.values()],
) {
  return resolveParameters({ dashboard, panels, rawQuery, nowMs: NOW_MS });
}

function faultsOf(dashboard: Dashboard, rawQuery: string, panels?: readonly Panel[]): readonly Fault[] {
  try {
    ask(dashboard, rawQuery, panels);
    return [];
  } catch (error) {
    if (!(error instanceof DashcacheError) || error.code !== 'parameters_invalid') throw error;
    return error.errors;
  }
}

/** The one spelling of one value. */
function canonical(name: string, text: string): string | null | undefined {
  return ask(everything, new URLSearchParams({ [name]: text }).toString()).get(name)?.canonical;
}

t.test('a value has one spelling', async (t) => {
  const cases: [string, string, string][] = [
    ['n', '0', '0'],
    ['n', '-0', '0'],
    ['n', '-42', '-42'],
    ['n', '9007199254740991', '9007199254740991'],
    ['x', '1.0', '1'],
    ['x', '1e0', '1'],
    ['x', '-0.0', '0'],
    ['x', '0.10', '0.1'],
    ['x', '1E+21', '1e+21'],
    ['x', '1e-400', '0'],
    ['flag', 'false', 'false'],
    ['word', 'a b', 'a b'],
    ['word', '😀😀😀', '😀😀😀'],
    ['kind', 'closed', 'closed'],
    ['code', 'AB', 'AB'],
    ['day', '2024-02-29', '2024-02-29'],
    ['at', '2026-01-01T02:00:00+02:00', '2026-01-01T00:00:00Z'],
    ['at', '2026-01-01t00:00:00.500z', '2026-01-01T00:00:00.5Z'],
    ['at', '2026-01-01T00:00:00.1230000Z', '2026-01-01T00:00:00.123Z'],
    ['at', '2025-12-31T23:59:00-00:01', '2026-01-01T00:00:00Z'],
    ['period', '1d', '2026-06-14T22:00:00Z/2026-06-15T22:00:00Z'],
    ['period', '2026-01-01/2026-02-01', '2025-12-31T23:00:00Z/2026-01-31T23:00:00Z'],
    ['span', '24h', '2026-06-14T13:00:00Z/2026-06-15T13:00:00Z'],
    ['span', '2026-01-01T00:00:00+01:00/2026-01-02', '2025-12-31T23:00:00Z/2026-01-02T00:00:00Z'],
  ];
  for (const [name, text, spelling] of cases) t.equal(canonical(name, text), spelling, `${name}=${text}`);
});

t.test('what is not written as said is refused, and the fault names its parameter', async (t) => {
  const cases: [string, string[]][] = [
    [
      'n',
      [
        '',
        ' 1',
        '1 ',
        '+1',
        '01',
        '-01',
        '1.0',
        '1e3',
        '0x10',
        '1e400',
        '9007199254740993',
        '-9007199254740992',
        'NaN',
        '१',
        '1,000',
        '--1',
        '1n',
      ],
    ],
    ['small', ['6', '-6', '1e1']],
    [
      'x',
      ['', '1.', '.5', '+1', '01', '0x10', '1e400', '-1e400', 'NaN', 'Infinity', '1e', '1_000', ' 1', '1,5'],
    ],
    ['positive', ['0.4', '-1']],
    ['flag', ['', 'True', '1', '0', 'yes', 'TRUE']],
    ['word', ['', 'four', '😀😀😀😀', 'a\0b', 'x'.repeat(1001)]],
    ['kind', ['opened', 'Open', '']],
    ['code', ['ab', 'ABC', 'AB\n']],
    [
      'day',
      [
        '2026-02-29',
        '2026-13-01',
        '2026-00-01',
        '2026-01-00',
        '2026-1-1',
        '0000-01-01',
        '10000-01-01',
        '2026-01-01T00:00:00Z',
        '20260101',
        '1900-02-29',
      ],
    ],
    [
      'at',
      [
        '2026-01-01',
        '2026-01-01T00:00:00',
        '2026-01-01 00:00:00Z',
        '2026-01-01T24:00:00Z',
        '2026-01-01T23:59:60Z',
        '2026-01-01T00:60:00Z',
        '2026-02-30T00:00:00Z',
        '2026-01-01T00:00:00.0001Z',
        '2026-01-01T00:00:00+24:00',
        '2026-01-01T00:00:00+0200',
        '2026-01-01T00:00Z',
        '0001-01-01T00:00:00+00:01',
        '9999-12-31T23:59:59-00:01',
        '1767225600',
      ],
    ],
    [
      'period',
      [
        '',
        '30',
        'd',
        '0d',
        '-1d',
        '1.5d',
        '30D',
        '1y',
        '30m',
        '01d',
        '123456d',
        '2026-01-01',
        '2026-02-01/2026-01-01',
        '2026-01-01/2026-01-01',
        '2026-01-01/2026-02-30',
        '2026-01-01/2026-02-01/2026-03-01',
        '/',
        '30d/2026-01-01',
        '99999mo',
        '0001-01-01/2026-01-01x',
      ],
    ],
  ];
  for (const [name, texts] of cases)
    for (const text of texts) {
      const faults = faultsOf(everything, new URLSearchParams({ [name]: text }).toString());
      t.same(
        faults.map(({ parameter }) => parameter),
        [name],
        `${name}=${JSON.stringify(text).slice(0, 60)}`,
      );
      t.ok(
        (faults[0]?.detail.length ?? 0) > name.length + 5 && faults[0]?.detail.startsWith(`${name} `),
        faults[0]?.detail ?? name,
      );
    }
});

t.test('all faults are told at once', async (t) => {
  const faults = faultsOf(everything, 'n=1e400&kidn=open&n[]=1&flag=1&flag=2&x=%zz&day=2026-02-30');
  t.same(faults.map(({ parameter }) => parameter).sort(), ['day', 'flag', 'kidn', 'n', 'n[]', 'x']);
  const detailOf = (name: string) => faults.find(({ parameter }) => parameter === name)?.detail;
  t.match(detailOf('kidn'), /did you mean kind/);
  t.match(detailOf('n[]'), /n takes one value, not a list/);
  t.match(detailOf('n'), /must be a whole number such as 42/);
  try {
    ask(everything, 'n=x&x=y');
  } catch (error) {
    t.equal(error instanceof Error && error.message, '2 parameters are not valid');
  }
});

t.test('a plus that was not encoded is explained', async (t) => {
  const [fault] = faultsOf(everything, 'at=2026-01-01T00:00:00+02:00');
  t.match(fault?.detail, /written %2B/);
});

t.test('only what the panels bind is required and returned, but all that is given is checked', async (t) => {
  const dashboard = await dashboardWith(
    [
      'site_id: { type: integer, minimum: 1 }',
      'floor: { type: integer, optional: true }',
      'kind: { type: string, default: open }',
    ],
    ['site_id', 'floor', 'kind'],
  );
  const metrics = [...dashboard.panels.values()].slice(0, 1);
  const summary = [...dashboard.panels.values()].slice(1);
  t.match(faultsOf(dashboard, '', metrics), [
    { parameter: 'site_id', detail: /is required: a whole number, 1 or more/ },
  ]);
  t.same([...ask(dashboard, '', summary).keys()], []);
  t.same([...ask(dashboard, 'site_id=7&kind=x', summary).keys()], []);
  t.match(faultsOf(dashboard, 'site_id=0', summary), [{ parameter: 'site_id' }]);
  const resolved = ask(dashboard, 'kind=x&site_id=7', metrics);
  t.same([...resolved.keys()], ['site_id', 'floor', 'kind'], 'in the order of the dashboard');
  t.same(
    [...resolved.values()].map(({ canonical, json }) => [canonical, json]),
    [
      ['7', '7'],
      [null, 'null'],
      ['x', '"x"'],
    ],
  );
  t.same(resolved.get('floor')?.binds, new Map([['floor', { type: 'integer', value: null }]]));
  t.match(faultsOf(dashboard, 'site_id=7&other=1', metrics), [{ detail: /known are site_id, floor, kind/ }]);
});

t.test('a dashboard without parameters knows none', async (t) => {
  const dashboard = await dashboardWith([], []);
  t.match(faultsOf(dashboard, `${'x'.repeat(100)}=1`), [{ detail: /x{64}…: this dashboard has none/ }]);
});

t.test('a period binds its two ends, and those of the period before', async (t) => {
  const resolved = ask(everything, 'period=1d');
  const period = resolved.get('period');
  t.same(Object.fromEntries(period?.binds ?? []), {
    period_start: { type: 'timestamp', value: Date.UTC(2026, 5, 14, 22) },
    period_end: { type: 'timestamp', value: Date.UTC(2026, 5, 15, 22) },
  });
  t.same(Object.fromEntries(period?.previousBinds ?? []), {
    period_start: { type: 'timestamp', value: Date.UTC(2026, 5, 13, 22) },
    period_end: { type: 'timestamp', value: Date.UTC(2026, 5, 14, 22) },
  });
  t.equal(period?.json, '"2026-06-14T22:00:00Z/2026-06-15T22:00:00Z"');
  t.same(Object.fromEntries(resolved.get('span')?.binds ?? []), {
    span_start: { type: 'timestamp', value: null },
    span_end: { type: 'timestamp', value: null },
  });
  t.equal(resolved.get('span')?.previousBinds, null);
  t.equal(
    ask(everything, 'span=0001-01-01/0002-01-01').get('span')?.previousBinds,
    null,
    'nothing is before the year 1',
  );
});

t.test('values that are decoded already are held to the same rules', async (t) => {
  const panels = [...everything.panels.values()];
  const ok = resolveParameterTexts({
    dashboard: everything,
    panels,
    texts: new Map([['n', '7']]),
    nowMs: NOW_MS,
  });
  t.equal(ok.get('n')?.canonical, '7');
  for (const text of ['\ud800', 'a\0', ''])
    t.throws(
      () =>
        resolveParameterTexts({
          dashboard: everything,
          panels,
          texts: new Map([['word', text]]),
          nowMs: NOW_MS,
        }),
      { code: 'parameters_invalid' },
      JSON.stringify(text),
    );
});

/** A meaning, and two ways to write it. */
const integer = fc
  .maxSafeInteger()
  .map((value) => ({ meaning: String(value), text: value === 0 ? '-0' : String(value) }));
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).chain((value) =>
  fc
    .constantFrom(JSON.stringify(value), value.toExponential(), value.toExponential().replace('e', 'E'))
    .map((text) => ({
      meaning: JSON.stringify(value + 0),
      text,
    })),
);
const instant = fc
  .tuple(
    fc.date({ min: new Date('0002-01-01'), max: new Date('9998-01-01'), noInvalidDate: true }),
    fc.integer({ min: -1439, max: 1439 }),
  )
  .map(([date, offsetMinutes]) => {
    const local = new Date(date.getTime() + offsetMinutes * 60_000).toISOString().slice(0, -1);
    const size = Math.abs(offsetMinutes);
    const two = (part: number) => String(part).padStart(2, '0');
    const offset = `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
    return { meaning: String(date.getTime()), text: `${local}${offset}` };
  });
const word = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 3 })
  .filter((text) => [...text].length <= 3 && !text.includes('\0'))
  .map((text) => ({ meaning: text, text }));

t.test('two questions have one spelling exactly when they mean the same', async () => {
  const question = fc.record({ n: integer, x: number, at: instant, word }, { requiredKeys: [] });
  const spelling = (
    asked: Record<string, { text: string }>,
    encode: (text: string) => string,
    reverse: boolean,
  ) => {
    const pairs = Object.entries(asked).map(([name, { text }]) => `${encode(name)}=${encode(text)}`);
    const resolved = ask(everything, (reverse ? pairs.reverse() : pairs).join('&'));
    return JSON.stringify(
      [...resolved.values()].map(({ parameter, canonical }) => [parameter.name, canonical]),
    );
  };
  const meaning = (asked: Record<string, { meaning: string } | undefined>) =>
    JSON.stringify([
      asked['n']?.meaning ?? '1',
      asked['x']?.meaning ?? '0',
      asked['at']?.meaning ?? null,
      asked['word']?.meaning ?? null,
    ]);
  const everyByte = (text: string) =>
    [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  fc.assert(
    fc.property(question, question, (a, b) => {
      const first = spelling(a, encodeURIComponent, false);
      const same = spelling(a, everyByte, true);
      const other = spelling(b, encodeURIComponent, false);
      return first === same && (first === other) === (meaning(a) === meaning(b));
    }),
    { numRuns: 2000 },
  );
});

t.test('a default given is a default left out', async (t) => {
  const left = [...ask(everything, '').values()].map(({ canonical }) => canonical);
  const given = ask(everything, 'n=1&small=-0&x=0.0&flag=true&kind=open&period=30d');
  t.same(
    [...given.values()].map(({ canonical }) => canonical),
    left,
  );
});

t.test('whatever is asked, the answer is values or faults that name their parameters', async () => {
  const names = [...everything.parameters.keys()];
  const pair = fc.tuple(fc.oneof(fc.constantFrom(...names), fc.string()), fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 5 }), (pairs) => {
      const raw = pairs.map(([name, value]) => `${name}=${value}`).join('&');
      return faultsOf(everything, raw).every(
        (fault) => typeof fault.parameter === 'string' && fault.detail !== '',
      );
    }),
    { numRuns: 1000 },
  );
});

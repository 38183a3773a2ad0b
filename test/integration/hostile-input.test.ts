import fc from 'fast-check';
import t, { type Test } from 'tap';
import { statisticsOf } from './support/counters.js';
import { type ListeningApp, listeningApp } from './support/listening-app.js';
import { type RawAnswer, rawAsk } from './support/raw-ask.js';
import { shopFolder } from './support/shop.js';
import { TYPED } from './support/typed.js';

const ROUTES = [
  '/dashboards/typed',
  '/dashboards/typed/metrics',
  '/dashboards/typed/charts/one',
  '/dashboards/typed/summary',
  '/dashboards/typed/options/s',
];

/** What no value may be, whatever its type; written as it is sent. */
const NO_TEXT = [
  ['', 'empty'],
  ['%00', 'NUL'],
  ['1%00', 'a NUL at the end'],
  ['%ED%A0%80', 'a lone high surrogate'],
  ['%ED%BF%BF', 'a lone low surrogate'],
  ['%C0%80', 'an overlong form'],
  ['%F5%80%80%80', 'beyond Unicode'],
  ['%FF', 'no UTF-8'],
  ['%', 'a lone percent sign'],
  ['%1', 'an escape cut short'],
  ['%zz', 'no escape at all'],
  ['x'.repeat(8000), 'far too long'],
] as const;

const NOT_OF_ITS_TYPE: Readonly<Record<string, readonly string[]>> = {
  n: [
    '1e400',
    '1e3',
    '9007199254740993',
    '-9007199254740993',
    '0x10',
    '%201',
    '1%20',
    '+1',
    '%2B1',
    '01',
    '1.0',
    'NaN',
    'Infinity',
    '١',
    '1,5',
    'null',
    '--1',
    '1n',
  ],
  x: [
    '1e400',
    '-1e999',
    'NaN',
    'Infinity',
    '-Infinity',
    '0x10',
    '.5',
    '5.',
    '01.5',
    '%2B1',
    '1_000',
    '1%2C5',
    '%201',
    'null',
  ],
  b: ['1', '0', 'TRUE', 'yes', 'on', 'null', '%20true'],
  s: ['y'.repeat(41)],
  d: [
    '2026-02-29',
    '2026-02-30',
    '2026-13-01',
    '2026-00-10',
    '2026-1-1',
    '26-01-01',
    '2026-01-01T00:00:00Z',
    '20260101',
    '0000-00-00',
    'today',
  ],
  t: [
    '2026-02-30T00:00:00Z',
    '2026-01-01T25:00:00Z',
    '2026-01-01T00:00:00',
    '2026-01-01',
    '2026-01-01T00:00:00%2B99:00',
    '1767225600',
    'now',
  ],
  p: [
    '30',
    '30x',
    '-30d',
    '0d',
    '2026-02-30/2026-03-01',
    '2026-03-01/2026-02-01',
    '2026-01-01/2026-01-01',
    '2026-01-01/',
    '/',
    '9999999999d',
    '2000-01-01/2026-01-01',
    '1e3d',
  ],
};

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly errors?: readonly { parameter?: string; detail: string }[];
}

async function service(t: Test): Promise<ListeningApp> {
  return listeningApp(t, { folder: await shopFolder(t, { 'typed.yaml': TYPED }) });
}

/** A 400 whose list of faults names the parameter, and that gives nothing away. */
function namesIt(t: Test, answer: RawAnswer, { parameter, what }: { parameter: string; what: string }): void {
  const problem: Problem =
    answer.status === 400 ? JSON.parse(answer.body) : { status: answer.status, code: '' };
  const named = problem.errors?.some((error) => error.parameter === parameter) ?? false;
  if (problem.code !== 'parameters_invalid' || !named || !/no-store/.test(answer.head))
    t.fail(`${what}: ${answer.head.slice(0, 30)} ${answer.body.slice(0, 300)}`);
}

t.test('valid values of every type: 200, and the answer holds them as they were meant', async (t) => {
  const { url } = await service(t);
  const query = 'n=-7&x=1.5e3&b=false&s=%C3%A4%26%3D%20%2B&d=2028-02-29&t=2026-03-01T01:00:00%2B01:00&p=7d';
  for (const route of ROUTES) {
    const answer = await rawAsk(url, `${route}?${query}`);
    t.equal(answer.status, 200, route);
  }
  const { body } = await rawAsk(url, `/dashboards/typed/metrics?${query}`);
  t.match(JSON.parse(body), {
    params: { n: -7, x: 1500, b: false, s: 'ä&= +', d: '2028-02-29', t: '2026-03-01T00:00:00Z' },
    data: { n: -7, x: 1500, b: false, s: 'ä&= +', d: '2028-02-29', t: '2026-03-01T00:00:00Z' },
  });
});

for (const route of ROUTES)
  t.test(`${route}, hostile values: a 400 that names the parameter, for every type`, async (t) => {
    const running = await service(t);
    const { url } = running;
    let askedCount = 0;
    const refused = async (query: string, parameter: string, what: string) => {
      askedCount++;
      namesIt(t, await rawAsk(url, `${route}?${query}`), { parameter, what });
    };
    for (const [name, values] of Object.entries(NOT_OF_ITS_TYPE)) {
      for (const value of values)
        await refused(`${name}=${encodedOutside(value)}`, name, `${name}=${value.slice(0, 40)}`);
      for (const [value, what] of NO_TEXT) await refused(`${name}=${value}`, name, `${name}: ${what}`);
      await refused(name, name, `${name} without a value`);
      await refused(`${name}=1&${name}=2`, name, `${name} twice`);
      await refused(`${name}[]=1`, `${name}[]`, `${name} as a list`);
      await refused(`${name}[a]=1`, `${name}[a]`, `${name} as an object`);
      await refused(`%00${name}=1`, `%00${name}`, `a name with NUL`);
    }
    for (const name of [
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      'more',
      'N',
      'site_id',
      'p_start',
    ])
      await refused(`${name}=1`, name, `${name} is unknown`);
    t.ok(askedCount > 150, `${askedCount} queries`);
    const { cache_stats, sources } = await statisticsOf(running);
    t.equal(cache_stats.total_requests, 0, 'none was counted');
    t.same(sources, [], 'and none reached the source');
  });

/** As sent by whoever does not escape: only what would end the request line is escaped. */
function encodedOutside(value: string): string {
  return value.replace(/[^\x21-\x7e]/g, (character) => encodeURIComponent(character));
}

t.test('many faults at once: each is named', async (t) => {
  const { url } = await service(t);
  const { body } = await rawAsk(url, '/dashboards/typed/metrics?n=x&x=y&d=2026-02-30&more=1&b=2&b=3');
  const problem = JSON.parse(body) as Problem;
  t.same(problem.errors?.map(({ parameter }) => parameter).sort(), ['b', 'd', 'more', 'n', 'x']);
  const flood = await rawAsk(url, `/dashboards/typed/metrics?${'n=1&'.repeat(3000)}`);
  t.equal(flood.status, 400);
  t.ok(flood.body.length < 2000, 'the answer does not grow with the question');
});

t.test('any bytes in the query: an answer below 500, and a 200 only for what was meant', async (t) => {
  const { url } = await service(t);
  const piece = fc.oneof(
    fc.constantFrom(
      'n',
      'x',
      's',
      'd',
      'p',
      '=',
      '&',
      '%',
      '[',
      ']',
      '+',
      ';',
      '#',
      '/',
      '__proto__',
      '1e400',
      '%00',
      '%C3%A4',
      '30d',
    ),
    fc.string({ maxLength: 4, unit: 'binary-ascii' }).map((text) => text.replace(/[\s\p{Cc}]/gu, '.')),
    fc.integer().map(String),
  );
  const query = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
  let acceptedCount = 0;
  const property = fc.asyncProperty(query, async (raw) => {
    const { status, body } = await rawAsk(url, `/dashboards/typed/metrics?${raw}`);
    if (status === 400) return;
    if (status !== 200) throw new Error(`${status}: ${body}`);
    acceptedCount++;
    const { params, data } = JSON.parse(body);
    for (const name of ['n', 'x', 's', 'd'])
      if (params[name] !== data[name]) throw new Error(`${name} is ${data[name]} instead of ${params[name]}`);
  });
  await fc.assert(property, { numRuns: 400 });
  t.ok(acceptedCount > 0, `${acceptedCount} of 400 were accepted`);
});

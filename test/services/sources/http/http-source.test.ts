import t from 'tap';
import { parseStatement } from '../../../../services/definitions/statement.js';
import type { Cell, ColumnType } from '../../../../services/sources/source.js';
import { type SourceHarness, sourceContract } from '../../../contracts/source-contract.js';
import { freePort } from '../../../helpers/free-port.js';
import {
  answer,
  endless,
  hang,
  json,
  scriptedUpstream,
  type UpstreamReply,
} from '../../../helpers/scripted-upstream.js';
import { openForTest, requestOf } from './http-fixture.js';

/** JSON values, and what becomes of them. */
const MAPPINGS: readonly [json: string, type: ColumnType, cell: Cell][] = [
  ['1', 'integer', 1],
  ['-0', 'integer', 0],
  ['9007199254740991', 'integer', 9_007_199_254_740_991],
  ['9007199254740993', 'integer', 9_007_199_254_740_993n],
  ['-123456789012345678901234567890', 'integer', -123456789012345678901234567890n],
  ['1.10', 'decimal', '1.10'],
  ['-12345678901234567890.123456789', 'decimal', '-12345678901234567890.123456789'],
  ['1e3', 'float', 1000],
  ['-2.5E-3', 'float', -0.0025],
  ['1e400', 'float', Infinity],
  ['true', 'boolean', true],
  ['false', 'boolean', false],
  ['null', 'text', null],
  ['""', 'text', ''],
  ['"it\'s \\"quoted\\" \\u00e9 😀 \\n"', 'text', 'it\'s "quoted" é 😀 \n'],
  ['[1, {"big": 9007199254740993}, []]', 'json', '[1, {"big": "9007199254740993"}, []]'],
  ['{}', 'json', '{}'],
];

const upstream = await scriptedUpstream(t);
upstream.on('/reports/slow', hang);
upstream.on('/reports/failing', answer({ status: 500, body: 'secret0 stands in the answer' }));
upstream.on('/reports/echo', ({ target }, response) => {
  const value = new URL(target, upstream.url).searchParams.get('value');
  json([{ value }])({ target, method: 'GET', headers: {}, signal: new AbortController().signal }, response);
});
upstream.on('/reports/value', ({ target }, response) => {
  const value = new URL(target, upstream.url).searchParams.get('json');
  response.writeHead(200, { 'content-type': 'application/json' }).end(`[{"v":${value}}]`);
});
upstream.on('/reports/text', text);
upstream.on('/reports/rows', rows);

function text({ target }: { target: string }, response: Parameters<UpstreamReply>[1]): void {
  const bytes = Number(new URL(target, upstream.url).searchParams.get('bytes'));
  // The answer as a whole is what max_bytes is about.
  const body = `[{"text":"${'x'.repeat(bytes - '[{"text":""}]'.length)}"}]`;
  response.writeHead(200, { 'content-type': 'application/json' }).end(body);
}

function rows(request: Parameters<UpstreamReply>[0], response: Parameters<UpstreamReply>[1]): unknown {
  const count = Number(new URL(request.target, upstream.url).searchParams.get('count'));
  if (count > 1_000_000) return endless('[{"n":0}', ',{"n":1}')(request, response);
  return json(Array.from({ length: count }, (_, n) => ({ n })))(request, response);
}

const harness: SourceHarness = {
  open: async (t, { concurrencyCount = 2 } = {}) =>
    openForTest(t, { url: `${upstream.url}/reports`, concurrencyCount }),
  openAbsent: async (t) => openForTest(t, { url: `http://127.0.0.1:${await freePort()}` }),
  isIdle: () => upstream.isIdle(),
  rows: (count) => requestOf(`/rows?count=${count}`),
  text: (bytes) => requestOf(`/text?bytes=${bytes}`),
  slow: requestOf('/slow'),
  echo: requestOf('/echo?value=:value'),
  echoes: 'text',
  failing: { statement: requestOf('/failing'), secrets: [/failing/, /secret0/, /127\.0\.0\.1/, /\//] },
  rejected: { statement: parseStatement('SELECT 1'), offset: 0 },
  reading: {
    statement: requestOf('/echo?value=:value&before=:before'),
    types: new Map([
      ['value', 'integer'],
      ['before', 'timestamp'],
    ]),
    tables: [],
    verdict: 'unknown',
    columns: 'unknown',
  },
  types: ['integer', 'decimal', 'float', 'boolean', 'text', 'json'],
  mappings: MAPPINGS.map(([value, type, cell]) => ({
    title: value,
    statement: requestOf(`/value?json=${encodeURIComponent(value)}`),
    type,
    cell,
  })),
};

sourceContract(t, harness);

import { inspect } from 'node:util';
import t from 'tap';
import { systemClock } from '../../../../services/clock.js';
import type { Binds } from '../../../../services/definitions/model.js';
import { headError, isNoStore } from '../../../../services/sources/http/answer-head.js';
import { openHttpSource } from '../../../../services/sources/http/http-source.js';
import { RememberedAnswers, validatorsOf } from '../../../../services/sources/http/remembered-answers.js';
import type { SourceResult } from '../../../../services/sources/source.js';
import { failure, limits } from '../../../contracts/source-contract.js';
import { RecordingLog } from '../../../helpers/recording-log.js';
import {
  answer,
  cut,
  garbage,
  hang,
  json,
  renewable,
  reset,
  scriptedUpstream,
} from '../../../helpers/scripted-upstream.js';
import { httpDefinition, openForTest, requestOf } from './http-fixture.js';

const NONE: Binds = new Map();
const NOW_MS = Date.parse('Mon, 15 Jun 2026 12:00:00 GMT');
const ROWS = [{ n: 1 }];
const conditions = (asked: readonly { headers: Record<string, unknown> }[]) =>
  asked.map(({ headers }) => headers['if-none-match'] ?? headers['if-modified-since'] ?? null);

t.test('an answer that is confirmed by a 304 is given again, by its tag or its date', async (t) => {
  const upstream = await scriptedUpstream(t);
  const date = 'Mon, 01 Jun 2026 00:00:00 GMT';
  upstream.on('/tag', renewable(ROWS, 'W/"a"'));
  upstream.on('/date', json(ROWS, { 'last-modified': date }), answer({ status: 304 }));
  const { source, observed } = openForTest(t, { url: upstream.url });
  for (const path of ['/tag', '/date']) {
    const first = await source.query(requestOf(path), NONE, limits());
    for (let i = 0; i < 2; i++) t.same(await source.query(requestOf(path), NONE, limits()), first);
  }
  t.same(conditions(upstream.asked), [null, 'W/"a"', 'W/"a"', null, date, date]);
  t.ok(observed.every(({ failed }) => !failed));
});

t.test('a 304 about another answer confirms nothing: asked again, once, without a condition', async (t) => {
  const upstream = await scriptedUpstream(t);
  const other = answer({ status: 304, headers: { etag: '"b"' } });
  upstream.on('/x', json(ROWS, { etag: '"a"' }), other, json([{ n: 2 }], { etag: '"b"' }), other, other);
  const { source } = openForTest(t, { url: upstream.url });
  await source.query(requestOf('/x'), NONE, limits());
  t.same((await source.query(requestOf('/x'), NONE, limits())).rows, [[2]]);
  t.same(conditions(upstream.asked), [null, '"a"', null]);
  t.same((await source.query(requestOf('/x'), NONE, limits())).rows, [[2]], 'now it is ours');
  upstream.on('/x', answer({ status: 304, headers: { etag: '"c"' } }));
  t.equal((await failure(source.query(requestOf('/x'), NONE, limits()))).code, 'source_wrong_answer');
  t.equal(upstream.callsOf('/x'), 6);
});

t.test(
  'other values, another pointer or stricter limits: nothing of one answer serves the other',
  async (t) => {
    const upstream = await scriptedUpstream(t);
    upstream.on('/x', renewable({ a: ROWS, b: [{ m: 2 }, { m: 3 }] }, '"a"'));
    const { source } = openForTest(t, { url: upstream.url });
    const b = requestOf('/x?v=:v', { pointer: ['b'] });
    const bound = (value: number): Binds => new Map([['v', { type: 'integer', value }]]);
    await source.query(requestOf('/x?v=:v', { pointer: ['a'] }), bound(1), limits());
    t.same((await source.query(b, bound(1), limits())).rows, [[2], [3]]);
    await source.query(b, bound(2), limits());
    t.same(conditions(upstream.asked), [null, null, null]);
    const few = await failure(source.query(b, bound(1), limits({ maxRowsCount: 1 })));
    t.match(few, { code: 'source_wrong_answer', message: /max_rows/ });
    const small = await failure(source.query(b, bound(1), limits({ maxBytes: 10 })));
    t.match(small, { code: 'source_wrong_answer', message: /max_bytes/ });
  },
);

t.test('no-store is told, and forgets what could have been confirmed', async (t) => {
  const upstream = await scriptedUpstream(t);
  const noStore = { 'cache-control': 'max-age=0, no-store' };
  upstream.on('/x', renewable(ROWS, '"a"'), renewable(ROWS, '"a"', noStore), renewable(ROWS, '"a"'));
  const { source } = openForTest(t, { url: upstream.url });
  t.notOk('keep' in (await source.query(requestOf('/x'), NONE, limits())));
  t.match(await source.query(requestOf('/x'), NONE, limits()), { keep: false, rows: [[1]] }, 'also of a 304');
  await source.query(requestOf('/x'), NONE, limits());
  t.same(conditions(upstream.asked), [null, '"a"', null]);
  const told = (value: string | string[]) => isNoStore({ status: 200, headers: { 'cache-control': value } });
  t.ok(told(['private', 'NO-STORE']));
  t.notOk(told('no-cache, max-age=5, x-no-store'));
});

t.test('the state: away after a hang-up or a deadline, back with any answer, a wrong one too', async (t) => {
  const upstream = await scriptedUpstream(t);
  upstream.on('/good', json([]));
  upstream.on('/reset', reset);
  upstream.on('/hang', hang);
  upstream.on('/wrong', answer({ status: 500 }));
  const { source } = openForTest(t, { url: upstream.url });
  const fail = (path: string, signal?: AbortSignal) =>
    failure(source.query(requestOf(path), NONE, limits(signal && { signal })));
  t.ok(source.state().ok, 'before anybody asked');
  await fail('/reset');
  t.match(source.state(), { ok: false, detail: String });
  await source.query(requestOf('/good'), NONE, limits());
  t.same(source.state(), { ok: true, detail: null });
  await fail('/hang', AbortSignal.timeout(30));
  t.match(source.state(), { ok: false, detail: 'It did not answer in time' });
  await fail('/wrong');
  t.same(source.state(), { ok: true, detail: null });
});

t.test(
  'what is remembered is bounded in bytes: the least recently used go, one huge answer stays out',
  (t) => {
    const remembered = new RememberedAnswers(16 * 1024);
    const textOf = (length: number): SourceResult => ({
      columns: [{ name: 'v', type: 'text' }],
      rows: [['x'.repeat(length)]],
    });
    const remember = (key: string, length: number) =>
      remembered.remember(key, {
        validators: { etag: '"a"', lastModified: null },
        result: textOf(length),
        bodyBytes: length,
      });
    for (let i = 0; i < 20; i++) {
      remember(`k${i}`, 1000);
      t.ok(remembered.get('k0'), 'what is asked for stays');
      t.ok(remembered.heldBytes <= 16 * 1024);
    }
    t.equal(remembered.get('k1'), null);
    t.ok(remembered.get('k19'));
    remember('k19', 8000);
    t.equal(remembered.get('k19'), null, 'and its predecessor does not stay either');
    for (let i = 0; i < 20; i++) remembered.forget(`k${i}`);
    t.equal(remembered.heldBytes, 0);
    t.end();
  },
);

t.test('tags and dates that could not be sent back as they came are not used', (t) => {
  const of = (headers: Record<string, string>) => validatorsOf({ status: 200, headers });
  t.same(of({ etag: '"a"' }), { etag: '"a"', lastModified: null });
  for (const etag of ['a', '"a', '"a"b"', '"é"', `"${'a'.repeat(2000)}"`, '"a"\u0000'])
    t.equal(of({ etag }), null, etag);
  t.equal(of({ 'last-modified': 'x\u0001' }), null);
  t.end();
});

t.test('Retry-After: seconds or a date, at least 1 s, at most an hour, 5 s where it says nothing', (t) => {
  const of = (text?: string) =>
    headError({ status: 429, headers: { 'retry-after': text } }, 'GET /x', NOW_MS)?.retryAfterSeconds;
  t.equal(of('17'), 17);
  t.equal(of('0'), 1);
  t.equal(of('99999999999999'), 5);
  t.equal(of('9999999'), 3600);
  t.equal(of('Mon, 15 Jun 2026 12:00:30 GMT'), 30);
  t.equal(of('Mon, 15 Jun 2020 12:00:30 GMT'), 1);
  t.equal(of('soon'), 5);
  t.equal(of(), 5);
  t.end();
});

t.test('types that are JSON are taken, others are not; of statuses those that give all of it', (t) => {
  const of = (status: number, type?: string) =>
    headError({ status, headers: { 'content-type': type } }, 'GET /x', NOW_MS)?.code ?? 'taken';
  for (const type of ['application/json', 'Application/JSON; charset=utf-8', 'application/vnd.api+json'])
    t.equal(of(200, type), 'taken', type);
  for (const type of [undefined, '', 'text/json', 'application/jsonp', 'application/json-seq', 'json'])
    t.equal(of(200, type), 'source_wrong_answer', String(type));
  for (const status of [200, 201, 203]) t.equal(of(status, 'application/json'), 'taken');
  for (const status of [204, 205, 206, 300, 307, 400, 500, 501])
    t.equal(of(status, 'application/json'), 'source_wrong_answer');
  for (const status of [502, 504]) t.equal(of(status), 'source_down');
  t.end();
});

t.test('statistics that fail break no read, and the log says so', async (t) => {
  const upstream = await scriptedUpstream(t);
  upstream.on('/x', json(ROWS));
  const log = new RecordingLog();
  const sourceQuery = () => {
    throw new Error('full');
  };
  const options = { observer: { sourceQuery }, log, clock: systemClock };
  const source = openHttpSource(httpDefinition({ url: upstream.url }), options);
  t.teardown(() => source.close());
  t.same((await source.query(requestOf('/x'), NONE, limits())).rows, [[1]]);
  t.equal(log.lines.length, 1);
});

t.test('no failure holds the credential, not even in the causes that are logged', async (t) => {
  const upstream = await scriptedUpstream(t);
  const replies = {
    status: answer({ status: 401 }),
    reset,
    garbage,
    cut: cut('[{"n":1}]', 3),
    type: answer({ headers: { 'content-type': 'text/html' } }),
  };
  const headers = new Map([['authorization', 'Bearer hunter2']]);
  const { source } = openForTest(t, { url: upstream.url, headers });
  for (const [name, reply] of Object.entries(replies)) {
    upstream.on(`/${name}`, reply);
    const error = await failure(
      source.query(
        requestOf(`/${name}?v=:v`),
        new Map([['v', { type: 'string', value: 'whose' }]]),
        limits(),
      ),
    );
    t.ok(error.cause, name);
    t.notMatch(inspect(error, { depth: 20, showHidden: true }), /hunter2|whose/, name);
  }
  t.equal(upstream.asked[0]?.headers.authorization, 'Bearer hunter2', 'the control: it was sent');
});

import t from 'tap';
import { DashcacheError, ERRORS, type ErrorCode } from '../../../errors.js';
import { errorOf } from '../../../services/http/error-of.js';
import { problemOf } from '../../../services/http/problem.js';
import { statusOf } from '../../../services/http/status-of.js';

const REQUEST = { id: 'r1', url: '/dashboards/x/metrics?secret=1#here' };

t.test('a problem says what, where and which request, without the query', async (t) => {
  const errors = [{ parameter: 'site_id', detail: 'is required' }];
  t.same(problemOf(new DashcacheError('parameters_invalid', { errors }), REQUEST), {
    type: 'urn:problem-type:dashcache:parameters_invalid',
    title: 'The parameters are not valid',
    status: 400,
    detail: 'The parameters are not valid',
    instance: '/dashboards/x/metrics',
    code: 'parameters_invalid',
    request_id: 'r1',
    errors,
  });
});

t.test('the address in a problem is a short, valid URI reference whatever was asked for', async (t) => {
  const instance = (url: string) => problemOf(new DashcacheError('route_unknown'), { id: 'r', url }).instance;
  t.equal(instance('/a"b<c>{d}\\ü'), '/a%22b%3Cc%3E%7Bd%7D%5C%C3%BC');
  t.equal(instance('/\ud800'), '/%EF%BF%BD', 'a lone surrogate');
  t.ok(instance(`/${'x'.repeat(5000)}`).length <= 256);
  t.equal(instance(''), '');
});

t.test('every code has a status between 400 and 599', async (t) => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const status = statusOf(code);
    t.ok(status >= 400 && status <= 599, `${code}: ${status}`);
  }
});

const FOREIGN: readonly [thrown: unknown, code: ErrorCode][] = [
  [
    Object.assign(new Error('x'), { code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413 }),
    'payload_too_large',
  ],
  [
    Object.assign(new Error('x'), { code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE', statusCode: 415 }),
    'media_type_unsupported',
  ],
  [Object.assign(new Error('x'), { code: 'FST_ERR_BAD_URL', statusCode: 400 }), 'request_malformed'],
  [Object.assign(new Error('x'), { code: 'FST_ERR_MAX_PARAM_LENGTH', statusCode: 414 }), 'route_unknown'],
  [Object.assign(new SyntaxError('x'), { statusCode: 400 }), 'request_malformed'],
  [Object.assign(new Error('x'), { statusCode: 429 }), 'too_many_requests'],
  [Object.assign(new Error('x'), { statusCode: 418 }), 'request_malformed'],
  [Object.assign(new Error('x'), { statusCode: 501 }), 'internal'],
  [new TypeError('x is undefined'), 'internal'],
  ['a text', 'internal'],
  [null, 'internal'],
  [undefined, 'internal'],
];
for (const [thrown, code] of FOREIGN) {
  t.test(`${thrown} is ${code}, and its message stays in the log`, async (t) => {
    const error = errorOf(thrown);
    t.equal(error.code, code);
    t.equal(error.cause, thrown);
    t.not(error.message, 'x');
  });
}

t.test('faults that a schema finds are listed', async (t) => {
  const validation = [{ instancePath: '/body/a', message: 'must be a number' }, { instancePath: '' }];
  const error = errorOf(Object.assign(new Error('x'), { validation, statusCode: 400 }));
  t.equal(error.code, 'parameters_invalid');
  t.same(error.errors, [{ detail: 'must be a number', pointer: '/body/a' }, { detail: 'is not valid' }]);
});

t.test('faults of a body have a code of their own, and a pointer each: empty for the whole', async (t) => {
  const validation = [{ instancePath: '', message: 'must be a JSON object' }];
  const error = errorOf(Object.assign(new Error('x'), { validation, validationContext: 'body' }));
  t.equal(error.code, 'body_invalid');
  t.same(error.errors, [{ detail: 'must be a JSON object', pointer: '' }]);
  const empty = errorOf(
    Object.assign(new Error('x'), { code: 'FST_ERR_CTP_EMPTY_JSON_BODY', statusCode: 400 }),
  );
  t.equal(empty.code, 'body_invalid', 'no body at all');
  t.same(empty.errors, error.errors);
});

t.test('one of our errors stays itself', async (t) => {
  const error = new DashcacheError('source_down');
  t.equal(errorOf(error), error);
});

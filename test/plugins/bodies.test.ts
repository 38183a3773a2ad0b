import { Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { fastify } from 'fastify';
import t, { type Test } from 'tap';
import bodies from '../../plugins/bodies.js';
import errorHandler from '../../plugins/error-handler.js';
import { InvalidationSchema } from '../../services/invalidation/invalidation-schema.js';
import { SwitchSchema } from '../../services/switches/switch-schema.js';

/** A host with habits of its own, and routes of ours in a scope that should not notice. */
async function hosted(t: Test) {
  const host = fastify({ ajv: { customOptions: { removeAdditional: 'all', coerceTypes: 'array' } } });
  host.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, _body, done) =>
    done(null, { read: 'by the host' }),
  );
  host.addContentTypeParser('*', (_request, _payload, done) => done(null, { read: 'by the host' }));
  host.setValidatorCompiler(() => () => ({ error: new Error('checked by the host') }));
  host.setSerializerCompiler(() => () => 'written by the host');
  host.setReplySerializer(() => 'written by the host');
  host.register(async (scope) => {
    const app = scope.withTypeProvider<TypeBoxTypeProvider>();
    app.register(errorHandler);
    app.register(bodies);
    app.register(async (routes) => {
      const ours = routes.withTypeProvider<TypeBoxTypeProvider>();
      ours.post('/switch', { schema: { body: SwitchSchema } }, async ({ body }) => ({ body }));
      ours.post('/invalidations', { schema: { body: InvalidationSchema } }, async ({ body }) => ({ body }));
      const querystring = Type.Object({
        at: Type.Optional(Type.String({ format: 'date-time' })),
        count: Type.Optional(Type.Integer()),
      });
      const response = { 200: Type.Object({ query: Type.Object({ at: Type.String() }) }) };
      ours.get('/history', { schema: { querystring, response } }, async ({ query }) => ({ query }) as never);
    });
  });
  host.post('/host', async ({ body }) => body);
  t.teardown(() => host.close());
  const post = async (url: string, payload: string | undefined, type = 'application/json') => {
    const headers = payload === undefined ? {} : { 'content-type': type };
    const response = await host.inject({
      method: 'POST',
      url,
      headers,
      ...(payload !== undefined && { payload }),
    });
    return { status: response.statusCode, text: response.body, json: () => response.json() };
  };
  return { host, post };
}

t.test('a body that fits arrives as it was sent: nothing is converted, nothing is stripped', async (t) => {
  const { post } = await hosted(t);
  const answer = await post('/switch', '{"enabled":false,"dashboard":"7"}');
  t.equal(answer.status, 200);
  t.same(answer.json(), { body: { enabled: false, dashboard: '7' } });
});

t.test('a body that does not fit: 400 body_invalid, each fault with its pointer', async (t) => {
  const { post } = await hosted(t);
  const cases: readonly (readonly [url: string, body: string | undefined, errors: readonly unknown[]])[] = [
    ['/switch', '{"enabled":"false"}', [{ pointer: '/enabled', detail: 'must be true or false' }]],
    ['/switch', '{"enabled":true,"dashboard":7}', [{ pointer: '/dashboard', detail: 'must be text' }]],
    [
      '/switch',
      '{"enabled":true,"dashbord":"work"}',
      [{ pointer: '/dashbord', detail: 'is not known here: did you mean dashboard?' }],
    ],
    ['/invalidations', '{"tags":"a"}', [{ pointer: '/tags', detail: 'must be a list' }]],
    ...['null', '[]', '7', '"text"'].map(
      (body) => ['/invalidations', body, [{ pointer: '', detail: 'must be a JSON object' }]] as const,
    ),
    ['/invalidations', undefined, [{ pointer: '', detail: 'must be a JSON object' }]],
    ['/invalidations', '', [{ pointer: '', detail: 'must be a JSON object' }]],
  ];
  for (const [url, body, errors] of cases) {
    const answer = await post(url, body);
    t.equal(answer.status, 400, String(body));
    t.match(answer.json(), { code: 'body_invalid', errors }, String(body));
  }
});

t.test('a body that is no JSON, another type of content, or too long: each by its own name', async (t) => {
  const { post } = await hosted(t);
  const cases: readonly (readonly [body: string, type: string, status: number, code: string])[] = [
    ['{"enabled":', 'application/json', 400, 'request_malformed'],
    ['{"enabled":true,"__proto__":{"x":1}}', 'application/json', 400, 'request_malformed'],
    ['enabled=true', 'application/x-www-form-urlencoded', 415, 'media_type_unsupported'],
    ['{"enabled":true}', 'text/plain', 415, 'media_type_unsupported'],
    [`{"enabled":true,"dashboard":"${'x'.repeat(64 * 1024)}"}`, 'application/json', 413, 'payload_too_large'],
  ];
  for (const [body, type, status, code] of cases) {
    const answer = await post('/switch', body, type);
    t.equal(answer.status, status, body.slice(0, 40));
    t.equal(answer.json().code, code, body.slice(0, 40));
  }
  t.equal((await post('/switch', '{"enabled":true}', 'application/json; charset=utf-8')).status, 200);
});

t.test(
  'a query is checked in words, its numbers are read, and answers are written as they are',
  async (t) => {
    const { host } = await hosted(t);
    const at = '2026-02-28T12:00:00%2B02:00';
    const fitting = await host.inject(`/history?at=${at}&count=12&more=1`);
    t.same(fitting.json(), { query: { at: '2026-02-28T12:00:00+02:00', count: 12, more: '1' } });
    for (const wrong of ['yesterday', '2026-02-30T12:00:00Z', '2026-02-28', '2026-02-28T12:00:00', '']) {
      const answer = await host.inject(`/history?at=${wrong}`);
      t.equal(answer.statusCode, 400, wrong);
      t.match(answer.json(), { code: 'parameters_invalid', errors: [{ parameter: 'at' }] }, wrong);
    }
    const twice = await host.inject('/history?at=a&at=b');
    t.same(twice.json().errors, [{ parameter: 'at', detail: 'must be text' }]);
  },
);

t.test('the host keeps its own way of reading and writing', async (t) => {
  const { post } = await hosted(t);
  t.equal((await post('/host', 'anything')).text, 'written by the host');
});

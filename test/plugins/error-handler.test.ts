import { fastify } from 'fastify';
import t, { type Test } from 'tap';
import { loadConfig } from '../../config.js';
import cors from '../../plugins/cors.js';
import errorHandler from '../../plugins/error-handler.js';
import notFound from '../../plugins/not-found.js';
import { serverOptions } from '../../plugins/server-options.js';

async function withPost(t: Test) {
  const lines: string[] = [];
  const stream = { write: (line: string) => lines.push(line) };
  const app = fastify(serverOptions(loadConfig({}), { stream }));
  app.register(cors, { origins: [] });
  app.register(errorHandler);
  app.register(notFound, { ownsPrefix: true });
  app.register(async (scope) => {
    scope.post('/things', { bodyLimit: 100 }, async () => ({ fine: true }));
    scope.get('/things', async () => 'things');
    scope.get('/text', async () => {
      throw 'a text with a secret';
    });
    scope.get('/late', async (_request, reply) => {
      reply.header('etag', '"kept"');
      throw new Error('secret');
    });
  });
  await app.ready();
  t.teardown(() => app.close());
  return { app, lines };
}

const REFUSED = [
  ['a body that is too large', { payload: `"${'x'.repeat(200)}"`, type: 'application/json' }, 413],
  ['a body of another type', { payload: '<x/>', type: 'text/xml' }, 415],
  ['a body of no type', { payload: '<x/>', type: '???' }, 415],
  ['broken JSON', { payload: '{broken', type: 'application/json' }, 400],
  ['an empty body that says it is JSON', { payload: '', type: 'application/json' }, 400],
  ['a poisoned body', { payload: '{"__proto__":{"x":1}}', type: 'application/json' }, 400],
] as const;
for (const [what, { payload, type }, status] of REFUSED) {
  t.test(`${what} is a problem of status ${status}`, async (t) => {
    const { app, lines } = await withPost(t);
    const response = await app.inject({
      method: 'POST',
      url: '/things',
      payload,
      headers: { 'content-type': type },
    });
    t.equal(response.statusCode, status);
    t.equal(response.headers['content-type'], 'application/problem+json');
    t.equal(response.headers['cache-control'], 'no-store');
    t.match(response.json(), { status, instance: '/things' });
    t.ok(
      lines.some((line) => line.includes(response.json().request_id)),
      'the log has its id',
    );
  });
}

t.test('a known address that does not answer a method says which it does', async (t) => {
  const { app } = await withPost(t);
  const response = await app.inject({ method: 'DELETE', url: '/things?x=1', payload: '{broken' });
  t.equal(response.statusCode, 405);
  t.equal(response.headers.allow, 'GET, POST');
  t.equal(response.json().detail, 'This address answers GET, POST.');
});

t.test('an unknown address is a 404 even when its body could not be read', async (t) => {
  const { app } = await withPost(t);
  const headers = { 'content-type': 'application/json' };
  const response = await app.inject({ method: 'POST', url: '/nothing', payload: '{broken', headers });
  t.equal(response.statusCode, 404);
  t.equal(response.json().code, 'route_unknown');
});

t.test('what is thrown without being an error is a 500 that tells nothing', async (t) => {
  const { app, lines } = await withPost(t);
  const response = await app.inject('/text');
  t.equal(response.statusCode, 500);
  t.notMatch(response.body, 'secret');
  t.ok(lines.some((line) => line.includes('a text with a secret')));
});

t.test('an error after headers were set is not kept by them', async (t) => {
  const { app } = await withPost(t);
  const response = await app.inject('/late');
  t.equal(response.statusCode, 500);
  t.equal(response.headers['cache-control'], 'no-store');
  t.equal(response.headers.etag, undefined);
});

t.test('the log has one line for a request that is answered, with its address and status', async (t) => {
  const { app, lines } = await withPost(t);
  await app.inject('/things?x=1');
  const [line, ...more] = lines.map((text) => JSON.parse(text));
  t.same(more, []);
  t.match(line, { msg: 'request completed', req: { url: '/things?x=1' }, res: { statusCode: 200 } });
});

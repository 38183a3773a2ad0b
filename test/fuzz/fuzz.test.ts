import { fastify } from 'fastify';
import t from 'tap';
import { errorOf } from '../../services/http/error-of.js';
import { PROBLEM_TYPE, problemOf } from '../../services/http/problem.js';
import { replayOf, testSeed } from '../helpers/seeded-random.js';
import { fuzz } from './fuzz.js';
import { CANARIES, fuzzedService } from './fuzz-world.js';
import { type FaultKind, judge } from './judge.js';
import { canariesIn } from './secrets-in-log.js';

t.test('20,000 hostile requests: every one is answered or closed, none with a 500 or a secret', async (t) => {
  const service = await fuzzedService(t);
  const seed = testSeed();
  t.comment(replayOf(seed));
  const figures = await fuzz({
    url: service.url,
    seed,
    requestsCount: 20_000,
    adminToken: CANARIES.adminToken,
    canaries: Object.values(CANARIES),
  });
  t.same(figures.faults, []);
  t.ok(figures.operationsCount > 40, `${figures.operationsCount} operations`);
  t.ok((figures.statuses['200'] ?? 0) > 2000, `${figures.statuses['200']} were served`);
  for (const code of [
    'parameters_invalid',
    'body_invalid',
    'request_malformed',
    'source_down',
    'unauthorized',
  ])
    t.ok((figures.codes[code] ?? 0) > 10, `${figures.codes[code]} of ${code}`);
  t.same(canariesIn(service.lines), [], 'no secret in the log');
  t.ok(service.lines.length > 5000, 'which has a line of each');
  t.equal((await service.get('/health/live')).status, 200);
});

t.test('given a service with a fault of each kind, every one is found (control)', async (t) => {
  const app = fastify();
  // What never ends by itself would hang the end of the test as well.
  app.server.keepAliveTimeout = 100;
  app.setErrorHandler((thrown, { id, url }, reply) => {
    const problem = problemOf(errorOf(thrown), { id, url });
    return reply.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
  });
  const faulty: Readonly<Record<string, () => unknown>> = {
    '/hangs': () => new Promise(() => {}),
    '/fails': () => {
      throw new Error('nothing expected this');
    },
    '/leaks': () => ({ note: CANARIES.otherTenant }),
  };
  for (const [path, handler] of Object.entries(faulty)) app.get(path, handler);
  app.get('/plain', (_request, reply) => reply.code(400).type('text/plain').send('no'));
  app.get('/other', (_request, reply) => reply.code(400).type(PROBLEM_TYPE).send('{"code":"made_up"}'));
  app.get('/stack', (_request, reply) => {
    const detail = `x\n    at readFile (/srv/node_modules/x/y.js:1:2)`;
    return reply.code(400).type(PROBLEM_TYPE).send(JSON.stringify({ detail }));
  });
  const operations = [...Object.keys(faulty), '/plain', '/other', '/stack'].map((path) => [
    path,
    { get: {} },
  ]);
  app.get('/openapi.json', () => ({ paths: Object.fromEntries(operations), components: {} }));
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => {
    app.server.closeAllConnections();
    return app.close();
  });
  const { faults } = await fuzz({
    url,
    seed: 5,
    requestsCount: 70,
    adminToken: 'x',
    canaries: Object.values(CANARIES),
    boundMs: 1500,
  });
  const kindsAt = (path: string) =>
    new Set(faults.filter(({ sent }) => sent.startsWith(`GET ${path} `)).map(({ kind }) => kind));
  const expected: Readonly<Record<string, FaultKind>> = {
    '/hangs': 'hang',
    '/fails': 'internal error',
    '/leaks': 'leak',
    '/plain': 'no problem',
    '/other': 'no problem',
    '/stack': 'leak',
  };
  for (const [path, kind] of Object.entries(expected)) t.ok(kindsAt(path).has(kind), `${path}: ${kind}`);
});

t.test('bytes that are no HTTP, and a service that is away: found', async (t) => {
  t.match(judge({ received: Buffer.from('hello'), ending: 'closed' }, []), [{ kind: 'no HTTP' }]);
  t.match(judge({ received: Buffer.alloc(0), ending: 'refused' }, []), [{ kind: 'refused' }]);
  t.same(judge({ received: Buffer.alloc(0), ending: 'closed' }, []), []);
});

t.test('a query in an answer: found, but for one that was in the question', async (t) => {
  const told = {
    type: '',
    title: '',
    status: 400,
    detail: 'SELECT a FROM b',
    instance: '',
    code: 'internal',
    request_id: '',
  };
  const body = JSON.stringify(told);
  const head = `HTTP/1.1 400 Bad Request\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${body.length}\r\n\r\n`;
  const exchanged = { received: Buffer.from(head + body), ending: 'closed' } as const;
  t.match(judge(exchanged, [], 'GET /x'), [{ kind: 'leak' }]);
  t.same(judge(exchanged, [], 'GET /SELECT a FROM b'), []);
});

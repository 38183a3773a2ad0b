import { Type } from '@sinclair/typebox';
import { fastify } from 'fastify';
import t, { type Test } from 'tap';
import { buildApp } from '../../app.js';
import openapi from '../../plugins/openapi.js';
import { problemSchema } from '../../routes/schemas.js';
import type { OpenapiDocument } from '../../services/openapi/document.js';
import { openapiValidator } from '../helpers/openapi-validator.js';
import { routesOf } from '../helpers/routes-of.js';
import { smallConfig, smallFolder } from '../plugins/fixtures/small-service.js';

async function small(t: Test, base = '') {
  const app = await buildApp(smallConfig(smallFolder(t), { BASE_PATH: base }));
  t.teardown(() => app.close());
  const document: OpenapiDocument = (await app.inject(`${base}/openapi.json`)).json();
  return { app, document };
}

/** What is in one and not in the other, as `GET /path`; pages for people are no part of the API. */
function differences(
  routes: ReadonlyMap<string, readonly string[]>,
  { document, base }: { document: OpenapiDocument; base: string },
): { missing: string[]; invented: string[] } {
  const routed = [...routes].flatMap(([path, methods]) => methods.map((method) => `${method} ${path}`));
  const described = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${base}${path}`),
  );
  // What the pages load is printed as *.
  const isPage = (route: string) =>
    route.endsWith('*') || / (\/dash)?(\/|\/monitoring|\/documentation.*)?$/.test(route);
  const isOfDashboard = (route: string) => /\/dashboards\/[^{]/.test(route);
  return {
    missing: routed.filter((route) => !described.includes(route) && !isPage(route)),
    invented: described.filter((route) => !routed.includes(route) && !isOfDashboard(route)),
  };
}

for (const base of ['', '/dash'])
  t.test(`every route is described with every method, and no other; under ${base || '/'}`, async (t) => {
    const { app, document } = await small(t, base);
    const routes = routesOf(app);
    t.ok(routes.has(`${base}/dashboards/{dashboard}/charts/{chart}`));
    t.ok(routes.size > 10);
    t.same(differences(routes, { document, base }), { missing: [], invented: [] });
    const more = new Map([...routes, [`${base}/new`, ['GET', 'PUT']]]);
    t.same(differences(more, { document, base }).missing, [`GET ${base}/new`, `PUT ${base}/new`], 'control');
    const fewer = new Map([...routes].filter(([path]) => !path.endsWith('/health/live')));
    const gone = [`GET ${base}/health/live`, `HEAD ${base}/health/live`];
    t.same(differences(fewer, { document, base }).invented, gone, 'control');
  });

t.test(
  'every operation has a name of its own, a summary, a tag that is explained, and a security',
  async (t) => {
    const { document } = await small(t);
    const operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.values(item).map((operation) => ({ ...operation, isAdmin: path.startsWith('/cache/') })),
    );
    t.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
    const tags = document.tags.map(({ name }) => name);
    for (const { operationId, summary, tags: used, security, isAdmin } of operations) {
      t.ok(summary, operationId);
      t.ok(used.length === 1 && tags.includes(String(used[0])), operationId);
      t.same(security, isAdmin ? [{ adminToken: [] }] : [], operationId);
    }
  },
);

t.test('the whole service is told of: title, version, licence, and where it lies', async (t) => {
  const { document } = await small(t, '/dash');
  t.match(document, {
    openapi: '3.1.0',
    info: { title: 'dashcache', version: /^\d+\.\d+\.\d+/, license: { identifier: 'MIT' } },
    servers: [{ url: '/dash' }],
  });
});

t.test('an administration route needs its schema and its access, and is described whole', async (t) => {
  const app = fastify({ exposeHeadRoutes: false });
  app.register(openapi, { basePath: '', version: '1.0.0' });
  app.decorate('definitions', {
    current: { folder: '/nowhere', sources: new Map(), dashboards: new Map(), shadowed: [] },
    columns: new Map(),
    isFaulty: false,
    tablesOf: () => [],
    tablesVerdictOf: () => 'exact',
    reload: async () => {},
    onTaken: () => {},
    onChecked: () => {},
  });
  app.register(async (scope) => {
    scope.route({
      method: 'POST',
      url: '/cache/things',
      schema: {
        body: Type.Object({ all: Type.Optional(Type.Literal(true)), name: Type.String({ minLength: 1 }) }),
        response: { 200: Type.Object({ count: Type.Integer({ minimum: 1 }) }), 503: problemSchema },
      },
      config: { access: 'admin' },
      handler: async () => ({ count: 1 }),
    });
    scope.route({ method: 'GET', url: '/bare', handler: async () => 'bare' });
  });
  await app.ready();
  t.teardown(() => app.close());
  const bytes = await app.openapi().body.bytes('identity');
  const document: OpenapiDocument = JSON.parse(bytes.toString());
  const { post } = document.paths['/cache/things'] ?? {};
  t.match(post, {
    operationId: 'cache-things-post',
    tags: ['administration'],
    security: [{ adminToken: [] }],
    requestBody: { content: { 'application/json': { example: { all: true, name: 'text' } } } },
  });
  const statuses = ['200', '400', '401', '403', '404', '405', '408', '413', '415', '431', '500', '503'];
  t.same(Object.keys(post?.responses ?? {}), statuses);
  t.match(post?.responses['200'], { content: { 'application/json': { example: { count: 7 } } } });
  t.match(document.paths['/bare'], {
    get: { security: [], responses: { 200: { description: 'The answer' } } },
  });
  t.notOk(document.paths['/bare']?.head, 'no method that there is not');

  t.match(document.components.securitySchemes, { adminToken: { type: 'http', scheme: 'bearer' } });

  const faults = openapiValidator(document);
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-cache' };
  t.same(faults('POST', '/cache/things', { status: 200, headers, text: '{"count":3}' }), []);
  t.match(faults('POST', '/cache/things', { status: 200, headers, text: '{"count":0}' }), [
    /count must be >= 1/,
  ]);
});

t.test('the page is open to all, loads nothing from elsewhere, and has no second description', async (t) => {
  for (const base of ['', '/dash']) {
    const { app } = await small(t, base);
    const page = await app.inject(`${base}/documentation`);
    t.equal(page.statusCode, 200);
    t.match(page.headers['content-type'], 'text/html');
    const policy = String(page.headers['content-security-policy']);
    t.match(policy, "default-src 'none'; script-src 'self'; style-src 'self'");
    t.notMatch(policy, /unsafe|https?:/);
    t.notMatch(page.body, /https?:|<script>|style=/);
    const assets = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url = '']) => url);
    t.ok(assets.length >= 6);
    for (const url of assets) {
      const { statusCode, headers } = await app.inject(url);
      t.equal(statusCode, 200, url);
      t.equal(headers['content-security-policy'], policy);
    }
    const json = await app.inject(`${base}/documentation/json`);
    t.match([json.statusCode, json.headers.location], [302, `${base}/openapi.json`]);
    for (const gone of ['yaml', 'static/nothing']) {
      const { statusCode, headers } = await app.inject(`${base}/documentation/${gone}`);
      t.match([statusCode, headers['content-type']], [404, 'application/problem+json']);
    }
    const head = await app.inject({ method: 'HEAD', url: `${base}/documentation` });
    t.match([head.statusCode, head.body], [200, '']);
  }
});

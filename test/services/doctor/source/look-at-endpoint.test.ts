import { createServer, type ServerResponse } from 'node:http';
import t, { type Test } from 'tap';
import { CHECKS } from '../../../../services/doctor/checks.js';
import { known } from '../../../../services/doctor/facts.js';
import { runChecks } from '../../../../services/doctor/run-checks.js';
import { exampleReads } from '../../../../services/doctor/source/example-reads.js';
import { lookAtEndpoint } from '../../../../services/doctor/source/look-at-endpoint.js';
import { freePort } from '../../../helpers/free-port.js';
import { but, definitionsOf, goodFacts } from '../support/good-facts.js';

type Answer = (response: ServerResponse, condition: string | undefined) => void;

async function endpoint(t: Test, answer: Answer): Promise<number> {
  const server = createServer((request, response) => answer(response, request.headers['if-none-match']));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

async function found(t: Test, port: number): Promise<string[]> {
  const definitions = await definitionsOf(t, {
    'dashcache.yaml': `sources: { legacy: { type: http, url: "http://127.0.0.1:${port}/reports" } }\n`,
    'sales.yaml': 'id: sales\nsource: legacy\nsummary: { path: /sales }\n',
  });
  const examples = await exampleReads(definitions, { loads: [], valuesOf: async () => [], nowMs: 0 });
  const definition = definitions.sources.get('legacy');
  if (definition?.type !== 'http') throw new Error('There is no source');
  const seen = await lookAtEndpoint(definition, examples);
  const source = { definition, postgres: null, feed: null, columns: new Map(), endpoint: seen };
  const sources = [{ ...source, problem: seen.known ? null : seen.reason }];
  const { findings } = runChecks(
    CHECKS.filter(({ id }) => /^(endpoint|source-reachable)/.test(id)),
    { ...but(await goodFacts(t), {}), sources: known(sources) },
  );
  return findings.map(({ check }) => check);
}

const JSON_TYPE = { 'content-type': 'application/json' };

t.test('an endpoint that answers quickly and confirms what is known: nothing is found', async (t) => {
  const port = await endpoint(t, (response, condition) => {
    if (condition === '"1"') response.writeHead(304).end();
    else response.writeHead(200, { ...JSON_TYPE, etag: '"1"' }).end('{"a":1}');
  });
  t.same(await found(t, port), []);
});

t.test('one that never confirms, forbids to keep, sends elsewhere or is away is found', async (t) => {
  const sends = (status: number, headers: Readonly<Record<string, string>>) =>
    endpoint(t, (response) => response.writeHead(status, headers).end('{}'));
  t.same(await found(t, await sends(200, JSON_TYPE)), ['endpoint-validators']);
  t.same(
    await found(t, await sends(200, { ...JSON_TYPE, etag: '"1"' })),
    ['endpoint-validators'],
    'an ETag that it does not heed',
  );
  t.same(await found(t, await sends(200, { ...JSON_TYPE, 'cache-control': 'no-store' })), [
    'endpoint-no-store',
    'endpoint-validators',
  ]);
  t.same(await found(t, await sends(302, { location: '/elsewhere' })), ['endpoint-status']);
  t.same(await found(t, await sends(200, { 'content-type': 'text/html', etag: '"1"' })), [
    'endpoint-status',
    'endpoint-validators',
  ]);
  t.same(await found(t, await freePort()), ['source-reachable']);
});

t.test('a slow one is found', async (t) => {
  const port = await endpoint(t, (response, condition) => {
    if (condition) response.writeHead(304).end();
    else setTimeout(() => response.writeHead(200, { ...JSON_TYPE, etag: '"1"' }).end('{}'), 1100);
  });
  t.same(await found(t, port), ['endpoint-slow']);
});

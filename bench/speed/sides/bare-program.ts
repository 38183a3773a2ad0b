// The ceilings: bytes that are at hand, sent by the least code there is. Words: what is served, the file of the bytes, their coding.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import { LRUCache } from 'lru-cache';

const [, , kind = 'fastify', file = '', coding = 'identity'] = process.argv;
const body = readFileSync(file);
const CONTENT_TYPE = 'application/json; charset=utf-8';
const ETAG = '"constant"';

async function listenFastify(): Promise<number> {
  const app = fastify({ logger: false });
  const kept = new LRUCache<string, Buffer>({ maxSize: 64e6, sizeCalculation: ({ length }) => length });
  kept.set('/constant', body);
  app.get('/health/live', () => 'ok');
  app.get('/constant', (request, reply) => {
    reply
      .header('content-type', CONTENT_TYPE)
      .header('etag', ETAG)
      .header('cache-control', kind === 'kept' ? 'max-age=3600' : 'no-cache');
    if (coding !== 'identity') reply.header('content-encoding', coding);
    if (kind === 'fastify-304' && request.headers['if-none-match'] === ETAG) {
      reply.code(304).removeHeader('content-type').send();
      return;
    }
    reply.send(kind === 'lru' ? kept.get(request.url) : body);
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return (app.server.address() as AddressInfo).port;
}

async function listenNode(): Promise<number> {
  const headers = {
    'content-type': CONTENT_TYPE,
    etag: ETAG,
    'cache-control': 'no-cache',
    'content-length': body.length,
    ...(coding !== 'identity' && { 'content-encoding': coding }),
  };
  const server = createServer((_request, response) => {
    response.writeHead(200, headers);
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

process.on('SIGINT', () => process.exit());
process.stdout.write(String(await (kind === 'node' ? listenNode() : listenFastify())));

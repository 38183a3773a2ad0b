// Other libraries that cache, each behind the same small Fastify. Words: which one, the file of the body, its coding, and how many entries of it.
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import { BYTE_ROUTES } from './byte-routes.js';
import { OBJECT_READS } from './object-reads.js';
import { REDIS_ROUTES } from './redis-routes.js';

const [, , kind = '', file = '', coding = 'identity', entries = '1'] = process.argv;

async function listen(): Promise<number> {
  const app = fastify({ logger: false });
  const body = readFileSync(file);
  const addRoute = BYTE_ROUTES[kind] ?? REDIS_ROUTES[kind];
  const makeRead = OBJECT_READS[kind];
  if (addRoute) await addRoute(app, { body, coding, entriesCount: Number(entries) });
  else if (makeRead) {
    const read = await makeRead(async () => JSON.parse(String(body)));
    app.get('/constant', () => read());
  } else throw new Error(`There is no kind ${kind}`);
  await app.listen({ port: 0, host: '127.0.0.1' });
  return (app.server.address() as AddressInfo).port;
}

/** So that the cache has the value, and the store of ETags the ETag, before it is measured. */
async function fill(port: number): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/constant`, { headers: { connection: 'close' } });
  if (!answer.ok) throw new Error(`${kind} answered ${answer.status}: ${await answer.text()}`);
  await answer.arrayBuffer();
}

process.on('SIGINT', () => process.exit());
const port = await listen();
await fill(port);
process.stdout.write(String(port));

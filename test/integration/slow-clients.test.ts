import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { buildApp } from '../../app.js';
import { loadConfig } from '../../config.js';
import { within } from '../helpers/within.js';
import { ask } from './support/ask.js';
import { shopFolder } from './support/shop.js';

const TRICKLE_MS = 100;
const READS_COUNT = 100;
/** Answers that one reader asks for and leaves: more than the kernel takes over for him. */
const UNREAD_COUNT = 60;

interface Patience {
  readonly headMs: number;
  readonly requestMs: number;
  readonly readerMs: number;
}

async function patientApp(t: Test, { headMs, requestMs, readerMs }: Patience): Promise<number> {
  const config = loadConfig({ LOG_LEVEL: 'silent', DASHCACHE_CONFIG: await shopFolder(t) });
  const app = await buildApp(config, { logger: false, slowReaderMs: readerMs });
  t.teardown(() => {
    app.server.closeAllConnections();
    return app.close();
  });
  const looksEveryMs = { connectionsCheckingInterval: 200 };
  Object.assign(app.server, looksEveryMs, { headersTimeout: headMs, requestTimeout: requestMs });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return (app.server.address() as AddressInfo).port;
}

type Mode = 'head' | 'body' | 'read';
const MODES: readonly Mode[] = ['head', 'body', 'read'];
const FIRST: Readonly<Record<Mode, string>> = {
  head: 'GET /health/live HTTP/1.1\r\nHost: a\r\n',
  body: 'POST /cache/invalidations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 8192\r\n\r\n',
  read: 'GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(UNREAD_COUNT),
};
const NEXT: Readonly<Record<Mode, string | null>> = { head: 'X-A: b\r\n', body: ' ', read: null };

interface SlowClient {
  readonly mode: Mode;
  readonly socket: Socket;
  isClosed: boolean;
  text: string;
}

async function slowClient(t: Test, port: number, mode: Mode): Promise<SlowClient> {
  const socket = connect({ host: '127.0.0.1', port });
  const client: SlowClient = { mode, socket, isClosed: false, text: '' };
  const next = NEXT[mode];
  const trickle = setInterval(() => next !== null && socket.writable && socket.write(next), TRICKLE_MS);
  const end = () => {
    clearInterval(trickle);
    client.isClosed = true;
  };
  t.teardown(() => socket.destroy());
  socket.on('error', () => {}).once('close', end);
  await once(socket, 'connect');
  if (mode === 'read') socket.pause();
  else
    socket.on('data', (chunk) => {
      client.text += chunk;
    });
  socket.write(FIRST[mode]);
  return client;
}

async function fiftyAndReads(t: Test, port: number): Promise<readonly SlowClient[]> {
  const clients = await Promise.all(
    Array.from({ length: 50 }, (_, index) => slowClient(t, port, MODES[index % MODES.length] ?? 'head')),
  );
  for (let count = 0; count < READS_COUNT; count++) {
    const { status } = await ask(`http://127.0.0.1:${port}/dashboards/shop/metrics?site_id=1`);
    if (status !== 200) t.fail(`read ${count}: ${status}`);
  }
  return clients;
}

t.test(
  '50 clients slow to ask, to send or to read: others are answered, and all 50 are let go',
  async (t) => {
    const port = await patientApp(t, { headMs: 1000, requestMs: 1500, readerMs: 1200 });
    const clients = await fiftyAndReads(t, port);
    const readers = clients.filter(({ mode }) => mode === 'read');
    await within(
      8000,
      () => clients.every(({ isClosed, mode }) => isClosed || mode === 'read'),
      'they are closed',
    );
    for (const { mode, text } of clients)
      if (mode !== 'read') t.match(text, /^HTTP\/1\.1 408 [\s\S]*request_malformed/, `slow ${mode}`);
    // Who reads nothing is not told of an end either: he gets less than he asked for.
    const answersCount = await Promise.all(readers.map(answersRead));
    t.ok(
      answersCount.every((count) => count < UNREAD_COUNT),
      `${answersCount} answers`,
    );
  },
);

async function answersRead({ socket }: SlowClient): Promise<number> {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  socket.resume();
  if (!socket.closed) await once(socket, 'close');
  return text.split('HTTP/1.1 200').length - 1;
}

t.test('given more patience, they stay and others are answered all the same (control)', async (t) => {
  const port = await patientApp(t, { headMs: 60_000, requestMs: 60_000, readerMs: 60_000 });
  const clients = await fiftyAndReads(t, port);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  t.equal(clients.filter(({ isClosed }) => isClosed).length, 0);
});

import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { SlowReaders } from '../services/http/slow-readers.js';

/** Connections at once; beyond, those that nobody uses are closed, and what comes meanwhile is not accepted. */
const CONNECTIONS_MAX_COUNT = 10_000;

export interface SlowClientsOptions {
  /** For so long may a reader take less than a kilobyte a second of what he asked for. */
  readonly patienceMs: number;
}

/**
 * Clients who keep a server busy by doing next to nothing. How long a request may take to arrive is said in the server's options; here it is
 * how long an answer may take to be read, and how many may be connected.
 */
async function slowClients(app: FastifyInstance, { patienceMs }: SlowClientsOptions): Promise<void> {
  const readers = new SlowReaders({ patienceMs });
  const { server } = app;
  server.maxConnections = CONNECTIONS_MAX_COUNT;
  server.on('drop', () => server.closeIdleConnections());
  server.on('connection', (socket: Socket) => {
    readers.opened(socket);
    socket.once('close', () => readers.closed(socket));
  });
  const sweep = setInterval(() => {
    const endedCount = readers.sweep(performance.now());
    if (endedCount > 0)
      app.log.info({ connections: endedCount }, 'connections closed: their readers took next to nothing');
  }, patienceMs / 4);
  sweep.unref();
  app.addHook('onClose', async () => clearInterval(sweep));
}

export default fp(slowClients, { name: 'slow-clients', fastify: '5.x' });

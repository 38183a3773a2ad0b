import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { SilentConnections } from '../services/http/silent-connections.js';
import { underWayCount } from './client-errors.js';

/** How long an idle connection may still be used: what is answered on it then says that it was the last one. */
const ANNOUNCE_MS = 250;

/** How long a request may take to arrive on a connection that seems unused. */
const UNUSED_WAIT_MS = 1000;

/** A connection on which nothing moves is closed, but not while its reader waits for the slowest panel (invariant 8). */
const SILENCE_SLACK_MS = 90_000;
const LOOK_EVERY_MS = 30_000;

/**
 * The connections of a server of our own: how long one may be silent, and how draining ends them. Registered before the
 * service, so that its hook is on every route; what it asks of the service it asks later.
 */
async function connections(app: FastifyInstance): Promise<void> {
  closeSilent(app);
  app.addHook('onSend', (_request, reply, payload, done) => {
    // Who got this far before the drain would be told to keep the connection, and the stop would wait for it.
    if (app.lifecycle.phase === 'draining') reply.header('connection', 'close');
    done(null, payload);
  });
  const closeIdle = idleConnections(app);
  const closeUnused = unusedConnections(app);
  app.addHook('preClose', async () => {
    closeIdle();
    closeUnused();
  });
}

function closeSilent(app: FastifyInstance): void {
  const connections = new SilentConnections();
  app.server.on('connection', (socket: Socket) => {
    connections.opened(socket);
    socket.once('close', () => connections.closed(socket));
  });
  let cancel = () => {};
  app.addHook('onClose', async () => cancel());
  app.addHook('onReady', async () => {
    const { clock, definitions } = app;
    let silentMs = Number.POSITIVE_INFINITY;
    definitions.onTaken(({ longestDeadlineMs }) => {
      silentMs = longestDeadlineMs + SILENCE_SLACK_MS;
    });
    const lookLater = () => {
      cancel = clock.after(LOOK_EVERY_MS, () => {
        connections.sweep(clock.monotonicMs(), silentMs);
        lookLater();
      });
    };
    lookLater();
  });
}

/**
 * The server closes what is idle as soon as it stops listening; a request that has arrived there and is not read yet would be lost,
 * and under load there always is one. Gives what lets every client use its connection once more, and closes then what is idle.
 */
function idleConnections(app: FastifyInstance): () => void {
  const { server } = app;
  let timer: NodeJS.Timeout | undefined;
  app.addHook('onClose', async () => clearTimeout(timer));
  return () => {
    const closeIdle = server.closeIdleConnections.bind(server);
    server.closeIdleConnections = () => {};
    // A process that was busy until now reads first what came meanwhile.
    timer = setTimeout(() => setImmediate(closeIdle), ANNOUNCE_MS);
  };
}

/**
 * The server waits for its connections once it has stopped listening: for one that was busy then, until its keep-alive runs out;
 * for one that a browser opened ahead of its need, for ever. Gives what closes each as soon as nothing is under way on it.
 */
function unusedConnections(app: FastifyInstance): () => void {
  const open = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  let sweep: NodeJS.Timeout | undefined;
  app.addHook('onClose', async () => clearInterval(sweep));
  return () => {
    sweep = setInterval(() => {
      for (const socket of open) if (underWayCount(socket) === 0) socket.destroySoon();
    }, UNUSED_WAIT_MS);
    sweep.unref();
  };
}

export default fp(connections, { name: 'connections', fastify: '5.x', dependencies: ['client-errors'] });

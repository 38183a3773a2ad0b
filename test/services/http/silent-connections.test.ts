import t from 'tap';
import { SilentConnections } from '../../../services/http/silent-connections.js';

const SILENT_MS = 120_000;
const LOOK_EVERY_MS = 30_000;

function watched() {
  const connections = new SilentConnections();
  const socket = {
    bytesRead: 0,
    bytesWritten: 0,
    isDestroyed: false,
    destroy: () => {
      socket.isDestroyed = true;
    },
  };
  connections.opened(socket);
  const lookUntil = (fromMs: number, untilMs: number, between = () => {}) => {
    for (let nowMs = fromMs; nowMs < untilMs; nowMs += LOOK_EVERY_MS) {
      connections.sweep(nowMs, SILENT_MS);
      between();
    }
  };
  return { connections, socket, lookUntil };
}

t.test('given a connection on which nothing moves, it is closed after that time', async (t) => {
  const { connections, socket, lookUntil } = watched();
  lookUntil(0, SILENT_MS);
  t.notOk(socket.isDestroyed);
  connections.sweep(SILENT_MS, SILENT_MS);
  t.ok(socket.isDestroyed);
});

for (const side of ['bytesRead', 'bytesWritten'] as const)
  t.test(`given a byte now and then (${side}), it stays, and silence begins anew`, async (t) => {
    const { connections, socket, lookUntil } = watched();
    const move = () => {
      socket[side]++;
    };
    lookUntil(0, 10 * SILENT_MS, move);
    lookUntil(10 * SILENT_MS, 11 * SILENT_MS);
    t.notOk(socket.isDestroyed);
    connections.sweep(11 * SILENT_MS, SILENT_MS);
    t.ok(socket.isDestroyed);
  });

t.test('a connection that is closed is looked at no more', async (t) => {
  const { connections, socket, lookUntil } = watched();
  connections.closed(socket);
  lookUntil(0, 3 * SILENT_MS);
  t.notOk(socket.isDestroyed);
});

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { fastify } from 'fastify';
import t, { type Test } from 'tap';
import slowClients from '../../plugins/slow-clients.js';

/** More than the kernel takes over for a reader who reads nothing. */
const LARGE_BYTES = 64 * 1024 * 1024;

async function serverWith(t: Test, patienceMs: number) {
  const app = fastify();
  app.register(slowClients, { patienceMs });
  app.get('/large', () => Buffer.alloc(LARGE_BYTES));
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => app.close());
  const { port } = app.server.address() as AddressInfo;
  return port;
}

t.test('given a reader who reads nothing, his connection is closed, and others are answered', async (t) => {
  const port = await serverWith(t, 1500);
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.pause();
  socket.write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n');
  const startedMs = performance.now();
  const answer = await fetch(`http://127.0.0.1:${port}/large`);
  t.equal((await answer.arrayBuffer()).byteLength, LARGE_BYTES);
  let receivedBytes = 0;
  // Only now: what the server has given up by then ends before it is whole.
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, 4000 - (performance.now() - startedMs))));
  socket.on('data', (bytes) => {
    receivedBytes += bytes.length;
  });
  socket.resume();
  await once(socket, 'close');
  t.ok(receivedBytes < LARGE_BYTES, `${receivedBytes} bytes`);
});

t.test('given more patience, the same reader gets all of it (control)', async (t) => {
  const port = await serverWith(t, 60_000);
  const socket = connect({ host: '127.0.0.1', port });
  await once(socket, 'connect');
  socket.pause();
  socket.write('GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await new Promise((resolve) => setTimeout(resolve, 1500));
  let receivedBytes = 0;
  socket.on('data', (bytes) => {
    receivedBytes += bytes.length;
  });
  socket.resume();
  await once(socket, 'close');
  t.ok(receivedBytes > LARGE_BYTES);
});

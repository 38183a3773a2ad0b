import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { OPEN, smallFolder } from '../plugins/fixtures/small-service.js';
import { listeningApp } from './support/listening-app.js';
import { TurningClock } from './support/turning-clock.js';

const DEFAULT_DEADLINE_MS = 30_000;
const SLACK_MS = 90_000;
/** Two looks. */
const LATER_MS = 60_000;

async function silentOn(t: Test) {
  const clock = new TurningClock(Date.UTC(2026, 5, 15, 12));
  const folder = smallFolder(t);
  const { app, url } = await listeningApp(t, { folder, clock });
  return { app, folder, clock, socket: await answered(t, Number(new URL(url).port)) };
}

/** A connection that is kept after its first answer. */
async function answered(t: Test, port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  t.teardown(() => socket.destroy());
  socket.write('GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(socket, 'data');
  return socket;
}

async function isAnswered(socket: Socket): Promise<boolean> {
  socket.write('GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n');
  const [chunk] = await once(socket, 'data');
  return String(chunk).startsWith('HTTP/1.1 200');
}

t.test('a silent connection is closed, but only after the longest deadline', async (t) => {
  const { clock, socket } = await silentOn(t);
  clock.shift(DEFAULT_DEADLINE_MS + SLACK_MS - 1);
  t.ok(await isAnswered(socket));
  const closed = once(socket, 'close');
  clock.shift(DEFAULT_DEADLINE_MS + SLACK_MS + LATER_MS);
  await closed;
  t.ok(socket.destroyed);
});

t.test('given a panel that may take longer, it stays so much longer', async (t) => {
  const { app, folder, clock, socket } = await silentOn(t);
  writeFileSync(join(folder, 'open.yaml'), `${OPEN}    deadline: 10m\n`);
  await app.definitions.reload();
  clock.shift(600_000 + SLACK_MS - 1);
  t.ok(await isAnswered(socket));
  const closed = once(socket, 'close');
  clock.shift(600_000 + SLACK_MS + LATER_MS);
  await closed;
  t.ok(socket.destroyed);
});

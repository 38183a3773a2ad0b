import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import t from 'tap';
import { pausingSocket } from '../../../services/changes/pausing-socket.js';
import { within } from '../../helpers/within.js';

t.test('paused: what comes is left where it is, and read when it goes on', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const socket = pausingSocket().connect((server.address() as { port: number }).port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  const [sender] = (await once(server, 'connection')) as [Socket];
  t.teardown(() => sender.destroy());
  let text = '';
  socket.on('data', (part) => {
    text += part;
  });
  socket.pause();
  sender.write('a');
  await within(5000, () => socket.bytesRead === 1, 'one reading was under way');
  for (const letter of 'bcdef') await new Promise((resolve) => sender.write(letter, resolve));
  // All of it has gone this way and back: it has been there.
  const other = pausingSocket().connect((server.address() as { port: number }).port, '127.0.0.1');
  t.teardown(() => other.destroy());
  const [echo] = (await once(server, 'connection')) as [Socket];
  echo.end('x');
  await once(other, 'data');
  t.equal(socket.bytesRead, 1);
  t.equal(text, '');
  socket.resume();
  await within(5000, () => text === 'abcdef', 'nothing is lost');
});

import t from 'tap';
import { SlowReaders } from '../../../services/http/slow-readers.js';

class FakeSocket {
  bytesWritten = 0;
  writableLength = 0;
  isDestroyed = false;

  /** Writes so many bytes, of which the reader takes so many. */
  moves(writtenBytes: number, takenBytes: number): void {
    this.bytesWritten += writtenBytes;
    this.writableLength += writtenBytes - takenBytes;
  }

  destroy(): void {
    this.isDestroyed = true;
  }
}

function watched() {
  const readers = new SlowReaders({ patienceMs: 30_000 });
  const socket = new FakeSocket();
  readers.opened(socket);
  return { readers, socket };
}

t.test('given a reader who takes a byte a second, he is let go after the patience', async (t) => {
  const { readers, socket } = watched();
  socket.moves(1_000_000, 100);
  for (let nowMs = 0; nowMs < 30_000; nowMs += 5_000) {
    t.equal(readers.sweep(nowMs), 0);
    socket.moves(0, 5);
  }
  t.equal(readers.sweep(30_000), 1);
  t.ok(socket.isDestroyed);
});

t.test('given a slow line that moves on, the reader is left alone however long it takes', async (t) => {
  const { readers, socket } = watched();
  socket.moves(4_000_000, 0);
  for (let nowMs = 0; nowMs < 600_000; nowMs += 5_000) {
    t.equal(readers.sweep(nowMs), 0);
    socket.moves(0, 6_000);
  }
  t.notOk(socket.isDestroyed);
});

t.test('given answers that are taken in between, waiting begins anew', async (t) => {
  const { readers, socket } = watched();
  for (let nowMs = 0; nowMs < 120_000; nowMs += 10_000) {
    socket.moves(100, nowMs % 20_000 === 0 ? 0 : 200);
    t.equal(readers.sweep(nowMs), 0);
  }
});

t.test(
  'given a connection on which nothing is to be sent, or that is closed, it is left alone',
  async (t) => {
    const { readers, socket } = watched();
    for (let nowMs = 0; nowMs < 120_000; nowMs += 10_000) t.equal(readers.sweep(nowMs), 0);
    socket.moves(100, 0);
    readers.sweep(120_000);
    readers.closed(socket);
    t.equal(readers.sweep(240_000), 0);
    t.notOk(socket.isDestroyed);
  },
);

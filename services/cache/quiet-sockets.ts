import type { Duplex } from 'node:stream';
import { Redis } from 'ioredis';

const sockets = new WeakMap<Redis, Duplex>();

/**
 * ioredis hears the first error of a socket and no other. A TLS socket can have two: the certificate is not accepted, and then the server says
 * that it did not understand why the line was cut. The second would end the process (invariant 9), so every socket gets a listener
 * that lets it pass: the first has been told. On the prototype, since connections to the nodes of a Cluster are made inside of ioredis.
 */
export function quietSockets(): void {
  if (Object.getOwnPropertyDescriptor(Redis.prototype, 'stream')) return;
  Object.defineProperty(Redis.prototype, 'stream', {
    configurable: true,
    get(this: Redis) {
      return sockets.get(this);
    },
    set(this: Redis, socket: Duplex) {
      socket.on('error', () => {});
      sockets.set(this, socket);
    },
  });
}

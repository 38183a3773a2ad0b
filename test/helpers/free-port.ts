import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Behind 10080, the highest of the ports that fetch and browsers refuse to ask (https://fetch.spec.whatwg.org/#port-blocking). */
const FIRST_PORT = 10_081;
const FIRST_EPHEMERAL_PORT = 32_768;

/** Ports as freePort gives them, no two the same. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

/**
 * A port of 127.0.0.1 that was free a moment ago; PORT=0 is better wherever the bound port can be learned. Drawn from below the range
 * of which the system takes the near ends of connections (32768 on, net.ipv4.ip_local_port_range): of those, any connection of
 * another test could take it before the server binds it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, FIRST_EPHEMERAL_PORT);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

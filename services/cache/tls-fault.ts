import { connect } from 'node:tls';
import type { RedisNode } from './redis-topology.js';

const DEADLINE_MS = 500;

/**
 * The code by which a handshake with that node fails, or null: the client hides it where it asks sentinels and nodes of a Cluster.
 */
export function tlsFault({ host, port }: RedisNode): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (code: string | null) => {
      socket.destroy();
      resolve(code);
    };
    socket.setTimeout(DEADLINE_MS, () => end(null));
    socket.once('secureConnect', () => end(null));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? null));
  });
}

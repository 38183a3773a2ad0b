/** What is asked of a connection. */
export interface CountedSocket {
  readonly bytesRead: number;
  readonly bytesWritten: number;
  destroy(): unknown;
}

interface Moved {
  /** Both ways. */
  readonly bytes: number;
  /** Of the look that saw it first. */
  readonly sinceMs: number;
}

/**
 * Ends connections on which nothing moves. Looks at all of them now and then: the timeout of a server does the same with a timer of each
 * connection, set anew by every request and every answer, which is one part in thirty of what a short answer costs.
 */
export class SilentConnections {
  readonly #moved = new Map<CountedSocket, Moved | null>();

  opened(socket: CountedSocket): void {
    this.#moved.set(socket, null);
  }

  closed(socket: CountedSocket): void {
    this.#moved.delete(socket);
  }

  /** Ends those that were silent for so long, by a monotonic clock; at the latest two looks after that. */
  sweep(nowMs: number, silentMs: number): void {
    for (const [socket, moved] of this.#moved) {
      const bytes = socket.bytesRead + socket.bytesWritten;
      if (moved?.bytes !== bytes) this.#moved.set(socket, { bytes, sinceMs: nowMs });
      else if (nowMs - moved.sinceMs >= silentMs) socket.destroy();
    }
  }
}

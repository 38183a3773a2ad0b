/** What is asked of a connection. */
export interface WatchedSocket {
  /** Bytes that were written to it, those that still wait among them. */
  readonly bytesWritten: number;
  readonly writableLength: number;
  destroy(): unknown;
}

/** Slower than any telephone line: who takes less only keeps the answer in memory. */
const MIN_BYTES_PER_SECOND = 1024;

interface Behind {
  readonly sinceMs: number;
  readonly takenBytes: number;
}

/** Ends connections whose readers hardly take what they asked for. Looks at all of them now and then: a read costs nothing for it. */
export class SlowReaders {
  readonly #patienceMs: number;
  readonly #behind = new Map<WatchedSocket, Behind | null>();

  /** `patienceMs`: for so long may a reader be too slow. */
  constructor(options: { patienceMs: number }) {
    this.#patienceMs = options.patienceMs;
  }

  opened(socket: WatchedSocket): void {
    this.#behind.set(socket, null);
  }

  closed(socket: WatchedSocket): void {
    this.#behind.delete(socket);
  }

  /** Gives the number of those that were ended. */
  sweep(nowMs: number): number {
    let endedCount = 0;
    for (const [socket, behind] of this.#behind) {
      const takenBytes = socket.bytesWritten - socket.writableLength;
      if (socket.writableLength === 0) this.#behind.set(socket, null);
      else if (!behind) this.#behind.set(socket, { sinceMs: nowMs, takenBytes });
      else if (nowMs - behind.sinceMs >= this.#patienceMs) {
        const leastBytes = (MIN_BYTES_PER_SECOND * (nowMs - behind.sinceMs)) / 1000;
        if (takenBytes - behind.takenBytes < leastBytes) {
          socket.destroy();
          endedCount++;
        } else this.#behind.set(socket, { sinceMs: nowMs, takenBytes });
      }
    }
    return endedCount;
  }
}

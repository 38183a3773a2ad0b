import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** What the last head on a connection says: most clients send the same one again and again. */
export class LastHeads<Facts> {
  readonly #read: (raw: IncomingMessage) => Facts | null;
  readonly #last = new WeakMap<Socket, { rawHeaders: readonly string[]; facts: Facts }>();

  /** `read` finds out what a head says, of nothing but its fields; null: nothing that could be kept. */
  constructor(read: (raw: IncomingMessage) => Facts | null) {
    this.#read = read;
  }

  of(raw: IncomingMessage): Facts | null {
    const { socket, rawHeaders } = raw;
    const last = this.#last.get(socket);
    if (last && areEqual(last.rawHeaders, rawHeaders)) return last.facts;
    const facts = this.#read(raw);
    if (facts !== null) this.#last.set(socket, { rawHeaders, facts });
    return facts;
  }
}

function areEqual(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  // Names of fields are hardly ever what differs.
  for (let i = a.length - 1; i >= 0; i--) if (a[i] !== b[i]) return false;
  return true;
}

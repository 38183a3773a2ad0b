import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * What is not answered yet on each connection, in the order in which it was asked. What is answered is let go of at once: a connection
 * lives long, and what hangs on it until its next request outlives the young generation of the heap, request by request.
 */
export class Exchanges {
  readonly #underWay = new WeakMap<Socket, Exchange[]>();

  begin(request: IncomingMessage, response: ServerResponse): void {
    if (isWritten(response)) return;
    const exchange = { request, response };
    const underWay = this.#of(request.socket);
    underWay.push(exchange);
    // Once the response is out, or its connection is gone.
    response.once('close', () => underWay.splice(underWay.indexOf(exchange), 1));
  }

  underWayOn(socket: Socket): readonly Exchange[] {
    return this.#of(socket);
  }

  #of(socket: Socket): Exchange[] {
    const known = this.#underWay.get(socket);
    if (known) return known;
    const underWay: Exchange[] = [];
    this.#underWay.set(socket, underWay);
    return underWay;
  }
}

/** Whole, and next on its connection: to watch for the end of that costs more than it takes. */
function isWritten({ writableEnded, socket }: ServerResponse): boolean {
  return writableEnded && socket !== null;
}

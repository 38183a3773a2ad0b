import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** What is not answered yet on each connection, in the order in which it was asked. Looked through only when it is asked for: every request comes here. */
export class Exchanges {
  readonly #begun = new WeakMap<Socket, Exchange[]>();

  begin(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const begun = this.#begun.get(socket);
    const exchange = { request, response };
    // Nearly always the one before is answered.
    if (begun === undefined) this.#begun.set(socket, [exchange]);
    else if (begun.length === 1 && begun[0]?.response.destroyed) begun[0] = exchange;
    else this.#begun.set(socket, [...begun.filter(isUnderWay), exchange]);
  }

  underWayOn(socket: Socket): readonly Exchange[] {
    return (this.#begun.get(socket) ?? []).filter(isUnderWay);
  }
}

/** Node destroys a response once it is out, or its connection is. */
function isUnderWay({ response }: Exchange): boolean {
  return !response.destroyed;
}

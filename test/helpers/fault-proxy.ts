import { connect, createServer, type Server, type Socket } from 'node:net';
import { FaultPipe, noFaults, type PipeFaults } from './fault-pipe.js';

/** up: from the client to the server; down: the answers. */
export type Direction = 'up' | 'down';

/** A TCP proxy on 127.0.0.1 whose line a test breaks. Every fault is for running connections and for new ones. */
export interface FaultProxy {
  readonly port: number;
  /** `redis://` through the proxy. */
  readonly url: string;
  /** Connections of clients that are open now. */
  readonly connectionsCount: number;
  /** All that were ever accepted. */
  readonly acceptedCount: number;
  /** The same URL through the proxy: scheme, user and password stay. */
  through(url: string): string;
  /** New connections go to this port from now on: another server behind the same address. */
  retarget(port: number): void;
  /** Bytes that come from now on arrive this much later. */
  delay(delayMs: number, direction?: Direction): void;
  throttle(bytesPerSecond: number, direction?: Direction): void;
  /** Sockets stay open, new ones are accepted, nothing passes. What was sent meanwhile passes after `heal`: late, not lost. */
  blackhole(): void;
  /** Only this direction passes: `up` is a server that hears and is not heard. */
  halfOpen(passing: Direction): void;
  /** The next connection that an answer comes on is reset after that many bytes of answers. Once. */
  truncateAfter(bytesCount: number): void;
  /** Resets all open connections at both ends; new ones are served. What was held is lost. */
  cut(): void;
  /** New connections are refused, open ones stay. */
  refuse(): void;
  /** Ends all faults; what was held passes. Resolves when new connections are accepted again. */
  heal(): Promise<void>;
  /** Resets what is open and frees the port. */
  stop(): Promise<void>;
}

export interface FaultProxyOptions {
  readonly targetPort: number;
  /** Faults are for a connection only from the moment on at which its client says this; the others pass. */
  readonly only?: RegExp;
}

/** Starts a proxy to a port of 127.0.0.1. It never keeps the test process alive. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const proxy = new LocalProxy(options);
  await proxy.listen();
  return proxy;
}

interface Line {
  readonly client: Socket;
  readonly server: Socket;
  readonly pipes: readonly FaultPipe[];
  /** Whether it is one of those that the faults are for. */
  isMeant: boolean;
}

class LocalProxy implements FaultProxy {
  port = 0;
  acceptedCount = 0;
  #targetPort: number;
  readonly #only: RegExp | null;
  readonly #lines = new Set<Line>();
  readonly #faults = { up: noFaults(), down: noFaults() };
  #server: Server | null = null;

  constructor({ targetPort, only }: FaultProxyOptions) {
    this.#targetPort = targetPort;
    this.#only = only ?? null;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get connectionsCount(): number {
    return this.#lines.size;
  }

  through(url: string): string {
    const changed = new URL(url);
    changed.host = `127.0.0.1:${this.port}`;
    return changed.href;
  }

  async listen(): Promise<void> {
    if (this.#server) return;
    // A half-closed connection must stay half-closed on the other side too.
    const server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    server.unref();
    const address = server.address();
    if (typeof address === 'object' && address) this.port = address.port;
  }

  retarget(port: number): void {
    this.#targetPort = port;
  }

  delay(delayMs: number, direction?: Direction): void {
    this.#change(direction, { delayMs });
  }

  throttle(bytesPerSecond: number, direction?: Direction): void {
    this.#change(direction, { bytesPerSecond });
  }

  blackhole(): void {
    this.#change(undefined, { isBlocked: true });
  }

  halfOpen(passing: Direction): void {
    this.#change(passing, { isBlocked: false });
    this.#change(passing === 'up' ? 'down' : 'up', { isBlocked: true });
  }

  truncateAfter(bytesCount: number): void {
    this.#faults.down.truncation = { leftCount: bytesCount, by: null };
  }

  cut(): void {
    for (const line of this.#lines) if (line.isMeant) this.#reset(line);
  }

  refuse(): void {
    this.#server?.close();
    this.#server = null;
  }

  async heal(): Promise<void> {
    for (const faults of [this.#faults.up, this.#faults.down]) Object.assign(faults, noFaults());
    for (const { pipes } of this.#lines) for (const pipe of pipes) pipe.hurry();
    await this.listen();
  }

  async stop(): Promise<void> {
    this.refuse();
    for (const line of this.#lines) this.#reset(line);
  }

  #change(direction: Direction | undefined, faults: Partial<PipeFaults>): void {
    if (direction !== 'down') Object.assign(this.#faults.up, faults);
    if (direction !== 'up') Object.assign(this.#faults.down, faults);
    for (const { pipes } of this.#lines) for (const pipe of pipes) pipe.pump();
  }

  #accept(client: Socket): void {
    this.acceptedCount++;
    const server = connect({ port: this.#targetPort, host: '127.0.0.1', allowHalfOpen: true });
    const reset = () => this.#reset(line);
    // Before the pipes take what comes: what makes the line one of those is held itself.
    if (this.#only) client.on('data', (bytes: Buffer) => this.#listen(line, bytes));
    const faults = this.#only ? { up: noFaults(), down: noFaults() } : this.#faults;
    const up = new FaultPipe({ from: client, to: server, faults: faults.up, reset });
    const down = new FaultPipe({ from: server, to: client, faults: faults.down, reset });
    const line: Line = { client, server, pipes: [up, down], isMeant: this.#only === null };
    this.#lines.add(line);
    for (const socket of [client, server]) {
      socket.unref();
      socket.setNoDelay(true);
      socket.on('close', () => {
        if (client.destroyed && server.destroyed) this.#lines.delete(line);
      });
    }
  }

  #listen(line: Line, bytes: Buffer): void {
    if (line.isMeant || !this.#only?.test(bytes.toString('latin1'))) return;
    line.isMeant = true;
    const [up, down] = line.pipes;
    up?.suffer(this.#faults.up);
    down?.suffer(this.#faults.down);
  }

  #reset({ client, server, pipes }: Line): void {
    for (const pipe of pipes) pipe.close();
    for (const socket of [client, server]) {
      // A socket that is being ended can not be reset: Node would lose its handle, and the process never exit.
      if (socket.writableEnded) socket.destroy();
      else socket.resetAndDestroy();
    }
  }
}

import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export type Cut = 'nothing' | 'bus' | 'everything';

/** Stands between one process and Redis, and takes its connections away: all, or those that subscribe. */
export class CuttingProxy {
  #cut: Cut = 'nothing';
  readonly #connections = new Map<Socket, { subscribes: boolean }>();
  readonly #server;

  private constructor(targetPort: number) {
    this.#server = createServer((client) => this.#carry(client, targetPort));
  }

  static async start(targetPort: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(targetPort);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Ends such connections and lets no new one through until `heal`. */
  cut(what: Cut): void {
    this.#cut = what;
    for (const [client, { subscribes }] of this.#connections) if (this.#refuses(subscribes)) client.destroy();
  }

  heal(): void {
    this.#cut = 'nothing';
  }

  async close(): Promise<void> {
    this.cut('everything');
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #refuses(subscribes: boolean): boolean {
    return this.#cut === 'everything' || (this.#cut === 'bus' && subscribes);
  }

  #carry(client: Socket, targetPort: number): void {
    const state = { subscribes: false };
    if (this.#refuses(false)) {
      client.destroy();
      return;
    }
    const target = connect(targetPort, '127.0.0.1');
    this.#connections.set(client, state);
    client.on('data', (data) => {
      state.subscribes ||= /\r\np?subscribe\r\n/i.test(data.toString('latin1'));
      if (this.#refuses(state.subscribes)) client.destroy();
      else target.write(data);
    });
    target.on('data', (data) => client.write(data));
    for (const [one, other] of [
      [client, target],
      [target, client],
    ] as const) {
      one.on('error', () => {});
      one.on('close', () => {
        this.#connections.delete(client);
        other.destroy();
      });
    }
  }
}

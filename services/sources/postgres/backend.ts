import { setTimeout as sleep } from 'node:timers/promises';
import pg, { type Client, type ClientConfig } from 'pg';
import { type BackendKey, sendCancelRequest } from './cancel-request.js';
import { wireOf } from './wire.js';

/** A server that is back must not be kept waiting by tries from before; enough for TLS and a password over a long way. */
const CONNECT_WITHIN_MS = 2500;
/** A server that is there ends a cancelled query in a few ms; one that is silent for so long is given up. */
const ANSWER_WITHIN_MS = 700;
const CANCEL_EVERY_MS = 20;

/** How a line ended on which we hung up, and so what may go on at its other end; null when the server ended it. */
export type HangUp =
  /** In the middle of an answer: the server notices as soon as it writes or looks. */
  | 'answering'
  /** Nothing came any more: nobody can know. */
  | 'silent';

/** One connection, and the process that the server runs for it. */
export class Backend {
  readonly client: Client;
  /** Resolves when the line is closed, by either side. */
  readonly ended: Promise<void>;
  readonly #config: ClientConfig;
  /** Broken, or somebody may still cancel what it runs. */
  #isSpent = false;
  #isConnected = false;
  #isOver = false;
  #hangUp: HangUp | null = null;
  #answerTimer: NodeJS.Timeout | undefined;

  constructor(config: ClientConfig) {
    this.#config = config;
    this.client = new pg.Client(config);
    // Whatever runs is told it too.
    this.client.on('error', () => {
      this.#isSpent = true;
    });
    this.ended = new Promise((resolve) => this.client.once('end', resolve)).then(() => {
      this.#isOver = true;
    });
  }

  /** Rejects with what pg and the server say, or when nothing comes for too long. */
  async connect(): Promise<void> {
    const timer = setTimeout(() => this.hangUp('silent'), CONNECT_WITHIN_MS);
    try {
      await this.client.connect();
      this.#isConnected = true;
    } catch (error) {
      // A server that says no closes the line itself; half a handshake would stay open.
      this.hangUp('answering');
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Whether another query can use it: open, outside of a transaction, and nobody may still cancel it. */
  get isUsable(): boolean {
    return !this.#isOver && !this.#isSpent && this.client.getTransactionStatus() === 'I';
  }

  /** Whether we hung up, and so the server's process may go on. */
  get hungUp(): HangUp | null {
    return this.#hangUp;
  }

  /** Runs `action`; an abort stops what it runs. Settles when the server has answered, or was given up. */
  async use<T>(signal: AbortSignal, action: (client: Client) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const stop = () => this.stop();
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await action(this.client);
    } finally {
      signal.removeEventListener('abort', stop);
      clearTimeout(this.#answerTimer);
      this.#answerTimer = undefined;
    }
  }

  /**
   * Has the server end what runs. The connection is of no use afterwards: the request may arrive when the query has ended by
   * itself, and would then hit the next one.
   */
  stop(): void {
    if (this.#isSpent || this.#isOver) return;
    this.#isSpent = true;
    this.#answerTimer = setTimeout(() => this.hangUp('silent'), ANSWER_WITHIN_MS);
    void this.#cancel();
  }

  /** Resolves when the server has closed its end, or did not in time. */
  async close(): Promise<void> {
    if (this.#isOver) return;
    const timer = setTimeout(() => this.hangUp('silent'), ANSWER_WITHIN_MS);
    this.client.end().catch(() => {});
    await this.ended;
    clearTimeout(timer);
  }

  /** A request that comes before the server has begun the query is forgotten, so it is repeated until that has ended. */
  async #cancel(): Promise<void> {
    while (this.#answerTimer && !this.#isOver) {
      await sendCancelRequest(this.#config, keyOf(this.client), ANSWER_WITHIN_MS);
      await sleep(CANCEL_EVERY_MS);
    }
  }

  /** Cuts the line. */
  hangUp(how: HangUp): void {
    if (this.#isOver) return;
    this.#isSpent = true;
    this.#hangUp ??= how;
    wireOf(this.client.connection).stream.destroy();
  }
}

function keyOf(client: Client): BackendKey {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
  return { processId: processID, secretKey };
}

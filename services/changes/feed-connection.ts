import pg from 'pg';
import type { Clock } from '../clock.js';
import type { FeedOptions } from './feed-options.js';
import { requireOwnSession } from './own-session.js';
import { pausingSocket } from './pausing-socket.js';

const CONNECT_DEADLINE_MS = 5000;
const QUERY_DEADLINE_MS = 5000;
const END_WAIT_MS = 500;

/** What the server itself is told: it gives up before we do, and finds out in seconds that a host is gone, locks and all. */
const SESSION = `SET statement_timeout = ${QUERY_DEADLINE_MS - 500}; SET synchronous_commit = local; SET tcp_keepalives_idle = 5;
  SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3`;

type Reached = Pick<FeedOptions, 'database' | 'source' | 'clock'>;

export type FeedRow = Readonly<Record<string, unknown>>;

/** A session of a feed: one statement at a time, each with a deadline; beyond it the session is over. */
export class FeedConnection {
  readonly client: pg.Client;
  /** Rejects when the connection is lost; never resolves. */
  readonly lost: Promise<never>;
  readonly #clock: Clock;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(client: pg.Client, clock: Clock) {
    this.client = client;
    this.#clock = clock;
    this.lost = new Promise((_, reject) => {
      // More than one may come, and one that nobody hears would end the process.
      client.on('error', reject);
      client.once('end', () => reject(new Error('the database has closed the connection')));
    });
    // Whoever has ended it does not wait for it.
    this.lost.catch(() => {});
  }

  /**
   * Rejects when the database does not answer within five seconds, and where a pooler gives the session to others too.
   * `replication`: a session that can stream changes.
   */
  static async open(
    options: Reached,
    { replication = false }: { replication?: boolean } = {},
  ): Promise<FeedConnection> {
    const connection = await FeedConnection.#connect(options, replication);
    if (replication) return connection;
    try {
      await requireOwnSession(connection, () => FeedConnection.#connect(options, false));
      await connection.query(SESSION);
    } catch (error) {
      await connection.close();
      throw error;
    }
    return connection;
  }

  static async #connect({ database, source, clock }: Reached, replication: boolean): Promise<FeedConnection> {
    const wanted: pg.ClientConfig & { replication?: 'database' } = {
      ...(await database()),
      application_name: `dashcache feed ${source}`.slice(0, 63),
      connectionTimeoutMillis: CONNECT_DEADLINE_MS,
      keepAlive: true,
      // The driver knows it, its types do not.
      ...(replication && { replication: 'database', stream: pausingSocket }),
    };
    const client = new pg.Client(wanted);
    const connection = new FeedConnection(client, clock);
    try {
      await client.connect();
    } catch (error) {
      await connection.close();
      throw error;
    }
    return connection;
  }

  /** Of the process that serves this session, as whoever answered has named it. */
  get processId(): number {
    return (this.client as unknown as { processID: number }).processID;
  }

  async query(text: string, values: readonly unknown[] = []): Promise<readonly FeedRow[]> {
    const asked = this.#turn.then(() => this.#ask(text, values));
    this.#turn = asked.catch(() => {});
    return asked;
  }

  /** Ends the session, in bounded time. */
  async close(): Promise<void> {
    const cancel = this.#clock.after(END_WAIT_MS, () => this.destroy());
    await this.client.end().catch(() => {});
    cancel();
  }

  destroy(): void {
    this.client.connection.stream.destroy();
  }

  async #ask(text: string, values: readonly unknown[]): Promise<readonly FeedRow[]> {
    const cancel = this.#clock.after(QUERY_DEADLINE_MS, () => this.destroy());
    try {
      // Without values several statements may stand in the text, and a replication session takes it.
      const { rows } = await (values.length === 0
        ? this.client.query<FeedRow>(text)
        : this.client.query<FeedRow>(text, [...values]));
      return rows ?? [];
    } finally {
      cancel();
    }
  }
}

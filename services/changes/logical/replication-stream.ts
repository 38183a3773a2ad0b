import type { Connection } from 'pg';
import { FeedConnection } from '../feed-connection.js';
import type { FeedOptions } from '../feed-options.js';

/** Microseconds between 1970 and 2000, where PostgreSQL's time begins. */
const EPOCH_US = 946_684_800_000_000n;

export interface StreamListener {
  /** One message of the output plugin. */
  data(bytes: Buffer): void;
}

/** A replication session with a slot of its own: TEMPORARY, so that whatever ends the session ends the slot. */
export class ReplicationStream {
  /** When the server was last heard, keepalives included. */
  heardAtMs: number;
  readonly #connection: FeedConnection;
  readonly #clock: FeedOptions['clock'];
  #confirmedLsn = 0n;
  #receivedLsn = 0n;

  private constructor(connection: FeedConnection, clock: FeedOptions['clock']) {
    this.#connection = connection;
    this.#clock = clock;
    this.heardAtMs = clock.monotonicMs();
  }

  static async open(options: FeedOptions): Promise<ReplicationStream> {
    return new ReplicationStream(await FeedConnection.open(options, { replication: true }), options.clock);
  }

  get lost(): Promise<never> {
    return this.#connection.lost;
  }

  /** Everything that commits after it resolves is streamed. It waits for the transactions that are writing now, however long. */
  async createSlot(slot: string): Promise<void> {
    await this.#connection.client.query(
      `CREATE_REPLICATION_SLOT "${slot}" TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT`,
    );
  }

  /** Streams until the session ends; `lost` says why it did. */
  start(slot: string, publication: string, listener: StreamListener): void {
    const { client } = this.#connection;
    client.connection.on('copyData', ({ chunk }: { chunk: Buffer }) => this.#receive(chunk, listener));
    const names = `"${publication}"`;
    client
      .query(
        `START_REPLICATION SLOT "${slot}" LOGICAL 0/0 (proto_version '1', publication_names '${names}', messages 'true')`,
      )
      .then(
        () => this.#fail(new Error('the database has ended the stream of changes')),
        (error: Error) => this.#fail(error),
      );
  }

  /** All up to there has been told: the server need not keep it. */
  confirm(lsn: bigint): void {
    this.#confirmedLsn = lsn;
    this.#received(lsn);
    this.#send({ wantsAnswer: false });
  }

  /** Has the server say that it is there. */
  probe(): void {
    this.#send({ wantsAnswer: true });
  }

  pause(): void {
    this.#connection.client.connection.stream.pause();
  }

  resume(): void {
    this.#connection.client.connection.stream.resume();
  }

  /** At once: a stream has nothing to say goodbye for, and its server may be busy. */
  async close(): Promise<void> {
    this.#connection.destroy();
  }

  #receive(chunk: Buffer, listener: StreamListener): void {
    this.heardAtMs = this.#clock.monotonicMs();
    try {
      const kind = chunk[0];
      this.#received(chunk.readBigUInt64BE(1));
      // XLogData: start, end, time, then the message. Keepalive: end, time, whether it wants an answer.
      if (kind === 0x77) listener.data(chunk.subarray(25));
      else if (kind === 0x6b && chunk[17] === 1) this.#send({ wantsAnswer: false });
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #received(lsn: bigint): void {
    if (lsn > this.#receivedLsn) this.#receivedLsn = lsn;
  }

  #fail(error: Error): void {
    this.#connection.client.connection.stream.destroy(error);
  }

  #send({ wantsAnswer }: { wantsAnswer: boolean }): void {
    const status = Buffer.alloc(34);
    status.write('r');
    // Received, flushed, applied: of these only what was told may be forgotten.
    status.writeBigUInt64BE(this.#receivedLsn, 1);
    status.writeBigUInt64BE(this.#confirmedLsn, 9);
    status.writeBigUInt64BE(this.#confirmedLsn, 17);
    status.writeBigInt64BE(BigInt(this.#clock.nowMs()) * 1000n - EPOCH_US, 25);
    status.writeUInt8(wantsAnswer ? 1 : 0, 33);
    (this.#connection.client.connection as CopyingConnection).sendCopyFromChunk(status);
  }
}

/** What the driver has for COPY; its types leave it out. */
type CopyingConnection = Connection & { sendCopyFromChunk(chunk: Buffer): void };

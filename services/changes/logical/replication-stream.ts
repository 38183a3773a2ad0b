import type { Connection } from 'pg';
import { FeedConnection } from '../feed-connection.js';
import type { FeedOptions } from '../feed-options.js';

/** Microseconds between 1970 and 2000, where PostgreSQL's time begins. */
const EPOCH_US = 946_684_800_000_000n;

/** A fifth of the window in which changes are gathered: it adds little to when they are told. */
const REST_MS = 10;

export interface StreamListener {
  /** One message of the output plugin, from `at` to the end. */
  data(bytes: Buffer, at: number): void;
}

/** A replication session with a slot of its own: TEMPORARY, so that whatever ends the session ends the slot. */
export class ReplicationStream {
  readonly #connection: FeedConnection;
  readonly #clock: FeedOptions['clock'];
  #confirmedLsn = 0n;
  #receivedLsn = 0n;
  #heardAtMs: number;
  #isHeard = false;
  #isPaused = false;
  #isResting = false;

  private constructor(connection: FeedConnection, clock: FeedOptions['clock']) {
    this.#connection = connection;
    this.#clock = clock;
    this.#heardAtMs = clock.monotonicMs();
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

  /**
   * Counted from the last look that found something new, keepalives included: a clock asked at each message would cost a quarter. Nobody is
   * silent whom we do not let speak.
   */
  silentForMs(): number {
    const nowMs = this.#clock.monotonicMs();
    if (this.#isHeard || this.#isPaused) this.#heardAtMs = nowMs;
    this.#isHeard = false;
    return nowMs - this.#heardAtMs;
  }

  /** Nothing more is read until `resume`. */
  pause(): void {
    this.#isPaused = true;
    this.#flow();
  }

  resume(): void {
    this.#isPaused = false;
    this.#flow();
  }

  /**
   * Reads what has come and then nothing for a moment, so that what comes meanwhile is read at once: the server sends each row by
   * itself, and waking for each would take more time than all else.
   */
  rest(): void {
    if (this.#isResting) return;
    this.#isResting = true;
    // Not before all that has come is read: a pause within a chunk would let only one be read between two pauses.
    setImmediate(() => {
      this.#flow();
      this.#clock.after(REST_MS, () => {
        this.#isResting = false;
        this.#flow();
      });
    });
  }

  /** At once: a stream has nothing to say goodbye for, and its server may be busy. */
  async close(): Promise<void> {
    this.#connection.destroy();
  }

  #receive(chunk: Buffer, listener: StreamListener): void {
    this.#isHeard = true;
    try {
      // XLogData: start, end, time, then the message. Keepalive: end, time, whether it wants an answer.
      if (chunk[0] === 0x77) listener.data(chunk, 25);
      else if (chunk[0] === 0x6b) this.#answer(chunk.readBigUInt64BE(1), chunk[17] === 1);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #flow(): void {
    const { stream } = this.#connection.client.connection;
    if (this.#isPaused || this.#isResting) stream.pause();
    else stream.resume();
  }

  #answer(endLsn: bigint, isWanted: boolean): void {
    this.#received(endLsn);
    if (isWanted) this.#send({ wantsAnswer: false });
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

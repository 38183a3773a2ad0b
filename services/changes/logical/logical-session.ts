import { randomBytes } from 'node:crypto';
import type { FeedConnection } from '../feed-connection.js';
import type { FeedOptions } from '../feed-options.js';
import { type FeedLife, HEARTBEAT_MS } from '../healing-feed.js';
import { faultsOfPublication } from '../install/faults-of-installation.js';
import { pause } from '../pause.js';
import { untilTaken } from '../until-taken.js';
import { reshaped, type ShapeOfTable, watchedShape } from '../watched-shape.js';
import type { ReplicationStream } from './replication-stream.js';
import { HELD_MAX_MS, Teller } from './teller.js';
import {
  type CommittedTransaction,
  MESSAGE_PREFIX,
  TransactionReader,
  type WatchedRelation,
} from './transaction-reader.js';
import { untilVisible } from './visible-transactions.js';

export interface SessionParts {
  /** For statements. */
  readonly connection: FeedConnection;
  /** With a slot. */
  readonly stream: ReplicationStream;
  readonly life: FeedLife;
  readonly signal: AbortSignal;
}

/** The server answers a probe within moments. */
const DEAF_MS = 10_000;

/** One life of the slot: from the gap before it to its loss. */
export class LogicalSession {
  readonly #options: FeedOptions;
  readonly #parts: SessionParts;
  readonly #id = randomBytes(9).toString('base64url');
  readonly #reader = new TransactionReader();
  readonly #teller: Teller;
  /** Instants at which heartbeats were sent, by their number. */
  readonly #beats = new Map<string, number>();
  #beatsCount = 0;
  #shape: readonly ShapeOfTable[] | null = null;
  #isPaused = false;

  constructor(options: FeedOptions, parts: SessionParts) {
    this.#options = options;
    this.#parts = parts;
    const { connection, signal } = parts;
    const { clock, listener } = options;
    this.#teller = new Teller({
      listener,
      clock,
      signal,
      visible: (xids) => untilVisible(xids, { connection, clock, signal }),
      told: (transactions) => this.#told(transactions),
    });
  }

  /** Tells the gap before the slot, then all that comes by it. Resolves when the signal aborts, rejects when it cannot go on. */
  async hear(slot: string, publication: string): Promise<void> {
    const { clock, listener } = this.#options;
    const { stream, signal, life } = this.#parts;
    await this.#look();
    const tellGap = () => listener.gap('nothing was heard before this replication slot');
    await untilTaken(tellGap, { clock, signal, withinMs: HELD_MAX_MS });
    if (signal.aborted) return;
    stream.start(slot, publication, { data: (bytes, at) => this.#read(bytes, at) });
    life.well(null);
    await Promise.race([this.#beat(), this.#teller.failed]);
  }

  /**
   * Once a second: looks whether the watched tables are other ones, then commits a message that takes the way of every change.
   * Rejects when the server is not heard any more; it answers a probe even while it reads through a large transaction.
   */
  async #beat(): Promise<void> {
    const { clock, heartbeatMs = HEARTBEAT_MS } = this.#options;
    const { stream, signal } = this.#parts;
    while (!signal.aborted) {
      const atMs = clock.monotonicMs();
      await this.#look();
      await this.#sendHeartbeat(atMs);
      stream.probe();
      if (stream.silentForMs() > DEAF_MS) throw new Error('the stream of changes has been silent for 10 s');
      await pause(heartbeatMs, { clock, signal });
    }
  }

  /** Partitions that came or went, rewritten and refreshed tables: the stream says nothing of them. */
  async #look(): Promise<void> {
    const before = this.#shape;
    const shape = await watchedShape(this.#parts.connection, this.#options);
    const faults = faultsOfPublication(shape);
    if (faults.length > 0) throw new Error(faults.join('; '));
    this.#shape = shape;
    this.#reader.relations = relationsOf(shape);
    if (before) this.#teller.touch(reshaped(before, shape).map((table) => ({ table, tenants: null })));
  }

  /** A commit of its own, so it is streamed behind whatever was committed before `atMs`. */
  async #sendHeartbeat(atMs: number): Promise<void> {
    const content = `${this.#id}:${++this.#beatsCount}`;
    this.#beats.set(content, atMs);
    await this.#parts.connection.query('SELECT pg_logical_emit_message(true, $1, $2)', [
      MESSAGE_PREFIX,
      content,
    ]);
  }

  #read(bytes: Buffer, at: number): void {
    const transaction = this.#reader.read(bytes, at);
    if (!transaction) return;
    this.#teller.add(transaction);
    this.#parts.stream.rest();
    if (this.#teller.isFull && !this.#isPaused) {
      this.#isPaused = true;
      this.#parts.stream.pause();
    }
  }

  #told(transactions: readonly CommittedTransaction[]): void {
    const { stream, life } = this.#parts;
    for (const content of transactions.flatMap(({ messages }) => messages)) {
      const atMs = this.#beats.get(content);
      if (atMs === undefined) continue;
      this.#beats.delete(content);
      life.completeTo(atMs);
    }
    const last = transactions.at(-1);
    if (last) stream.confirm(last.endLsn);
    if (this.#isPaused && !this.#teller.isFull) {
      this.#isPaused = false;
      stream.resume();
    }
  }
}

/** By their names in the stream. */
function relationsOf(shape: readonly ShapeOfTable[]): ReadonlyMap<string, readonly WatchedRelation[]> {
  const relations = new Map<string, WatchedRelation[]>();
  for (const { root, parts, watched } of shape)
    for (const { name } of root ? parts : [])
      relations.set(name, [...(relations.get(name) ?? []), { table: root?.name ?? name, watched }]);
  return relations;
}

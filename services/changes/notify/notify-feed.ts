import { randomBytes } from 'node:crypto';
import type { ChangeFeed, TableChange } from '../change-feed.js';
import { elected, groupIdOf } from '../election.js';
import { FeedConnection } from '../feed-connection.js';
import type { FeedOptions } from '../feed-options.js';
import { GatheredChanges } from '../gathered-changes.js';
import { type FeedLife, HEARTBEAT_MS, HealingFeed } from '../healing-feed.js';
import { faultsOfTriggers } from '../install/faults-of-installation.js';
import { pause } from '../pause.js';
import { untilTaken } from '../until-taken.js';
import { reshaped, type ShapeOfTable, watchedShape } from '../watched-shape.js';
import { Outbox } from './outbox.js';
import { Wake } from './wake.js';

/** The floor: a notification that is lost costs no more than this. */
const POLL_MS = 250;
/** What is written shortly after a telling is told with the next. */
const WINDOW_MS = 50;
/** After news it looks again in every window: triggers do not wake who has just been woken. */
const AWAKE_MS = 500;
const TRIM_MS = 30_000;

/**
 * Hears by an outbox that statement triggers write, read by one process of the group; NOTIFY only wakes it. Needs the triggers of
 * `dashcache changes install`. Who takes over goes on where the other stopped.
 */
export function openNotifyFeed(options: FeedOptions): ChangeFeed {
  const groupId = groupIdOf(options);
  const reader = groupId ?? randomBytes(8).toString('hex');
  return new HealingFeed(options, async (life) => {
    const connection = await FeedConnection.open(options);
    const outbox = new Outbox(connection, reader);
    try {
      await checkTriggers(connection, options);
      if (!(await elected(options, { connection, groupId, life, progress: () => outbox.progress() }))) return;
      await Promise.race([new Reading(options, { connection, outbox, life }).run(), connection.lost]);
      // Nobody else has the name of one who reads for itself.
      if (groupId === null) await outbox.leave().catch(() => {});
    } finally {
      await connection.close();
    }
  });
}

interface ReadingParts {
  readonly connection: FeedConnection;
  readonly outbox: Outbox;
  readonly life: FeedLife;
}

/** One life of the holder. */
class Reading {
  readonly #options: FeedOptions;
  readonly #parts: ReadingParts;
  readonly #wake: Wake;
  #shape: readonly ShapeOfTable[] | null = null;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #awakeUntilMs = Number.NEGATIVE_INFINITY;
  #trimmedAtMs: number;

  constructor(options: FeedOptions, parts: ReadingParts) {
    this.#options = options;
    this.#parts = parts;
    this.#wake = new Wake(options.clock);
    this.#trimmedAtMs = options.clock.monotonicMs();
  }

  /** Resolves when the feed is closed, rejects when it cannot go on. */
  async run(): Promise<void> {
    const { connection, life } = this.#parts;
    const { clock } = this.#options;
    connection.client.on('notification', () => this.#wake.call());
    await connection.query('LISTEN dashcache');
    let place = await this.#begin();
    while (!life.signal.aborted) {
      place = await this.#step(place);
      await pause(WINDOW_MS, { clock, signal: life.signal });
      if (clock.monotonicMs() > this.#awakeUntilMs) await this.#wake.wait(POLL_MS - WINDOW_MS, life.signal);
    }
  }

  async #begin(): Promise<string> {
    const { outbox } = this.#parts;
    const place = await outbox.place();
    if (place !== null) return place;
    const { listener } = this.#options;
    const entered = await outbox.enter();
    await this.#untilTaken(() => listener.gap('nobody has read the outbox for a while'));
    return entered;
  }

  /** Reads and tells. Once a second it looks at the tables too, which makes it a heartbeat: all that was committed before is told. */
  async #step(place: string): Promise<string> {
    const { outbox, life } = this.#parts;
    const { clock, listener, heartbeatMs = HEARTBEAT_MS } = this.#options;
    const atMs = clock.monotonicMs();
    const isDue = atMs - this.#lookedAtMs >= heartbeatMs;
    const gathered = new GatheredChanges();
    for (const change of isDue ? await this.#look() : []) gathered.add(change);
    const news = await outbox.newsSince(place);
    for (const change of news.changes) gathered.add(change);
    if (news.changes.length > 0) this.#awakeUntilMs = atMs + AWAKE_MS;
    const changes = gathered.take();
    if (changes.length > 0) await this.#untilTaken(() => listener.changed(changes));
    if (life.signal.aborted) return place;
    if ((isDue || changes.length > 0) && !(await outbox.moveTo(news.snapshot)))
      throw new Error('the outbox was emptied under its reader');
    if (isDue) {
      this.#lookedAtMs = atMs;
      life.well(null);
      life.completeTo(atMs);
    }
    await this.#trim(atMs);
    return news.snapshot;
  }

  /** Partitions that came or went, rewritten and refreshed tables: no statement on them fires a trigger. */
  async #look(): Promise<TableChange[]> {
    const before = this.#shape;
    this.#shape = await checkTriggers(this.#parts.connection, this.#options);
    return before ? reshaped(before, this.#shape).map((table) => ({ table, tenants: null })) : [];
  }

  async #trim(atMs: number): Promise<void> {
    if (atMs - this.#trimmedAtMs < TRIM_MS) return;
    this.#trimmedAtMs = atMs;
    await this.#parts.outbox.trim();
  }

  /** The outbox keeps what is owed, however long. */
  #untilTaken(tell: () => Promise<void>): Promise<void> {
    const { clock } = this.#options;
    return untilTaken(tell, { clock, signal: this.#parts.life.signal, withinMs: Number.POSITIVE_INFINITY });
  }
}

async function checkTriggers(
  connection: FeedConnection,
  options: FeedOptions,
): Promise<readonly ShapeOfTable[]> {
  const shape = await watchedShape(connection, options);
  const faults = faultsOfTriggers(shape);
  if (faults.length > 0) throw new Error(faults.join('; '));
  return shape;
}

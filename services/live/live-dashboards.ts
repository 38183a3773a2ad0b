import { DashcacheError } from '../../errors.js';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import { LiveDashboard, type LiveQuestion, questionKey } from './live-dashboard.js';
import type { LiveEnd } from './live-events.js';
import type { LiveReads } from './live-panel.js';
import { type LiveReader, LiveStream } from './live-stream.js';

/** Between the heartbeats of a reader; half of it is shorter than anything that lies between takes for silence. */
export const HEARTBEAT_MS = 15_000;
/** Heartbeats are spread, so that those of a thousand readers take no time together. */
const TURNS_COUNT = 15;
const RETRY_AFTER_SECONDS = 10;

export interface LiveDashboardsParts {
  readonly reads: LiveReads;
  readonly clock: Clock;
  readonly log: Log;
  /** Readers at once. */
  readonly maxReadersCount: number;
}

interface Watched {
  readonly key: string;
  turn: number;
}

/** Everybody in this process who looks on live. Readers of one question share its dashboard, and whatever is read for it. */
export class LiveDashboards {
  readonly #parts: LiveDashboardsParts;
  readonly #dashboards = new Map<string, LiveDashboard>();
  readonly #streams = new Map<LiveStream, Watched>();
  #cancelTurn = (): void => {};
  #turn = 0;
  #openedCount = 0;

  constructor(parts: LiveDashboardsParts) {
    this.#parts = parts;
    this.#takeTurns();
  }

  get readersCount(): number {
    return this.#streams.size;
  }

  /** How many different questions they ask. */
  get questionsCount(): number {
    return this.#dashboards.size;
  }

  /** The events of one more reader; throws when there are too many. What he has not is sent as soon as it is found. */
  open(reader: LiveReader, question: LiveQuestion): LiveStream {
    if (this.#streams.size >= this.#parts.maxReadersCount)
      throw new DashcacheError('service_overloaded', {
        detail:
          'Too many readers are connected to live streams of this process. Try again, or ask without /live.',
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    const key = questionKey(question);
    const { clock } = this.#parts;
    const stream = new LiveStream({ reader, question, dashboard: this.#dashboardOf(key, question), clock });
    this.#streams.set(stream, { key, turn: this.#openedCount++ % TURNS_COUNT });
    stream.once('close', () => this.#closed(stream));
    return stream;
  }

  /** Ends every stream, and says why. */
  finish(reason: LiveEnd): void {
    for (const stream of this.#streams.keys()) stream.finish(reason);
  }

  close(): void {
    this.#cancelTurn();
    for (const stream of this.#streams.keys()) stream.destroy();
    for (const dashboard of this.#dashboards.values()) dashboard.end();
    this.#dashboards.clear();
  }

  #dashboardOf(key: string, question: LiveQuestion): LiveDashboard {
    const kept = this.#dashboards.get(key);
    if (kept) return kept;
    const dashboard = new LiveDashboard(question, this.#parts);
    this.#dashboards.set(key, dashboard);
    return dashboard;
  }

  #closed(stream: LiveStream): void {
    const key = this.#streams.get(stream)?.key;
    this.#streams.delete(stream);
    if (key !== undefined) this.#letGo(key);
  }

  #letGo(key: string): void {
    const dashboard = this.#dashboards.get(key);
    if (!dashboard || dashboard.isWatched) return;
    this.#dashboards.delete(key);
    dashboard.end();
  }

  #takeTurns(): void {
    this.#cancelTurn = this.#parts.clock.after(HEARTBEAT_MS / TURNS_COUNT, () => {
      this.#takeTurns();
      this.#turn = (this.#turn + 1) % TURNS_COUNT;
      for (const [stream, { turn }] of this.#streams) if (turn === this.#turn) this.#visit(stream);
    });
  }

  /** Whether he may still see what he asks for is asked again with every beat. */
  #visit(stream: LiveStream): void {
    const ended = this.#endOf(stream);
    if (ended === null) stream.beat();
    else stream.finish(ended);
  }

  #endOf(stream: LiveStream): LiveEnd | null {
    const { endsAtMs } = stream.reader;
    if (endsAtMs !== null && this.#parts.clock.nowMs() >= endsAtMs) return 'expired';
    try {
      this.#follow(stream, stream.reader.asks());
      return null;
    } catch (error) {
      return endBy(error);
    }
  }

  #follow(stream: LiveStream, question: LiveQuestion): void {
    const watched = this.#streams.get(stream);
    const key = questionKey(question);
    if (!watched || watched.key === key) return;
    const dashboard = this.#dashboardOf(key, question);
    stream.moveTo(dashboard);
    this.#streams.set(stream, { ...watched, key });
    this.#letGo(watched.key);
    for (const panel of dashboard.panels) if (!panel.state) void panel.look();
  }
}

function endBy(error: unknown): LiveEnd {
  const code = error instanceof DashcacheError ? error.code : 'internal';
  if (code === 'unauthorized') return 'expired';
  return code === 'forbidden' ? 'forbidden' : 'reload';
}

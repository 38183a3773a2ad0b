import { Readable } from 'node:stream';
import type { DashcacheError } from '../../errors.js';
import type { Clock } from '../clock.js';
import type { Problem } from '../http/problem.js';
import type { LiveDashboard, LiveListener, LiveQuestion } from './live-dashboard.js';
import {
  BEGINNING,
  endEvent,
  freshnessEvent,
  HEARTBEAT,
  type LiveEnd,
  panelHead,
  problemEvent,
} from './live-events.js';
import { LivePosition } from './live-position.js';

/** Whoever has not taken the end of his stream by then is cut off. */
const END_WITHIN_MS = 1000;

type News = 'panel' | 'freshness';

export interface LiveReader {
  /** What he asks now: a period goes on with the time. Throws what has come between him and it. */
  asks(): LiveQuestion;
  /** How a failure is told to him. */
  problemOf(error: DashcacheError): Problem;
  /** When his credential ends (wall clock, ms); null: it does not. */
  readonly endsAtMs: number | null;
  /** The last id that he was given. */
  readonly heldId: string | undefined;
}

/**
 * The events of one reader. He takes them at his own pace: of each panel only the latest state waits for him, as a mark and not as bytes,
 * so that a slow one costs no more than the event that he is taking (invariant 8).
 */
export class LiveStream extends Readable implements LiveListener {
  readonly #reader: LiveReader;
  readonly #clock: Clock;
  readonly #position: LivePosition;
  readonly #pending = new Map<number, News>();
  /** The problems that he knows of, by panel. */
  readonly #problems = new Map<number, DashcacheError>();
  #dashboard: LiveDashboard;
  #isAsked = false;
  #isOver = false;

  constructor(options: {
    reader: LiveReader;
    question: LiveQuestion;
    dashboard: LiveDashboard;
    clock: Clock;
  }) {
    super();
    const { reader, question } = options;
    this.#reader = reader;
    this.#clock = options.clock;
    this.#dashboard = options.dashboard;
    const panelIds = [...question.dashboard.panels.keys()];
    this.#position = new LivePosition(question.dashboard.id, panelIds, reader.heldId);
    this.#dashboard.join(this);
    this.push(BEGINNING);
  }

  get reader(): LiveReader {
    return this.#reader;
  }

  get dashboard(): LiveDashboard {
    return this.#dashboard;
  }

  /** His question has become another, as a period does at its boundary: from now on he sees the answers of this one. */
  moveTo(dashboard: LiveDashboard): void {
    this.#dashboard.leave(this);
    this.#dashboard = dashboard;
    dashboard.join(this);
    this.#pending.clear();
    this.#problems.clear();
    for (const [index, { state }] of dashboard.panels.entries()) if (state) this.tell(index, 'panel');
  }

  tell(panelIndex: number, news: News): void {
    if (this.#isOver) return;
    if (news === 'panel' || !this.#pending.has(panelIndex)) this.#pending.set(panelIndex, news);
    this.#flow();
  }

  /** The connection is still there. Who has not yet taken what he was sent knows. */
  beat(): void {
    if (this.#isAsked && !this.#isOver) this.#isAsked = this.push(HEARTBEAT);
  }

  /** Says why, and ends. */
  finish(reason: LiveEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#pending.clear();
    this.push(endEvent(reason));
    this.push(null);
    const cancel = this.#clock.after(END_WITHIN_MS, () => this.destroy());
    this.once('close', cancel);
  }

  override _read(): void {
    this.#isAsked = true;
    this.#flow();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#isOver = true;
    this.#pending.clear();
    this.#dashboard.leave(this);
    done(error);
  }

  #flow(): void {
    for (const [panelIndex, news] of this.#pending) {
      if (!this.#isAsked) return;
      this.#pending.delete(panelIndex);
      this.#send(panelIndex, news);
    }
  }

  #send(panelIndex: number, news: News): void {
    const panel = this.#dashboard.panels[panelIndex];
    if (!panel?.state) return;
    const { state } = panel;
    const panelId = panel.asked.panel.id;
    const nowMs = this.#clock.nowMs();
    if (state.is === 'problem') {
      if (this.#problems.get(panelIndex) === state.error) return;
      this.#problems.set(panelIndex, state.error);
      this.#position.sent(panelIndex, null);
      const problem = this.#reader.problemOf(state.error);
      this.#isAsked = this.push(problemEvent({ id: this.#position.id, panelId }, problem));
      return;
    }
    this.#problems.delete(panelIndex);
    if (!this.#position.has(panelIndex, state.digest)) {
      this.#position.sent(panelIndex, state.digest);
      this.push(panelHead({ id: this.#position.id, panelId }, state.answer, nowMs));
      this.#isAsked = this.push(state.ending);
    } else if (news === 'freshness') this.#isAsked = this.push(freshnessEvent(panelId, state.answer, nowMs));
  }
}

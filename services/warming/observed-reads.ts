import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.js';
import { type AskedRead, type ObservedQuestion, readQuestion, spelledQuestion } from './observed-question.js';
import { type QuestionStore, questionsOfNow, questionWeightLog2 } from './question-store.js';

const FLUSHED_EVERY_MS = 30_000;
/** Between two flushes; the ones that were asked longest ago go first. */
const ASKED_MAX_COUNT = 1000;
/** Nobody asks that by hand, and it would be kept for days. */
const QUERY_MAX_LENGTH = 500;
/** What was asked but once will hardly be asked again. */
const ONCE = 1;

/** One that is loaded again, and how the store spells it. */
export interface HotQuestion extends ObservedQuestion {
  readonly spelled: string;
}

/** What live readers ask, and how often: noted in memory, and kept in a store that outlives the process where there is one. */
export class ObservedReads {
  readonly #store: QuestionStore;
  readonly #clock: Clock;
  readonly #asked = new LRUCache<string, { read: AskedRead; count: number }>({ max: ASKED_MAX_COUNT });
  #cancel = (): void => {};

  constructor({ store, clock }: { store: QuestionStore; clock: Clock }) {
    this.#store = store;
    this.#clock = clock;
  }

  start(): void {
    this.#cancel = this.#clock.after(FLUSHED_EVERY_MS, () => {
      this.flush();
      this.start();
    });
  }

  /** Every request comes here: nothing is read or spelled yet. */
  note(read: AskedRead): void {
    this.noterOf(read)();
  }

  /** The same for who asks it again and again. */
  noterOf(read: AskedRead): () => void {
    const { dashboardId, panelId, tenantText, rawQuery } = read;
    if (rawQuery.length > QUERY_MAX_LENGTH) return () => {};
    // Of these only a tenant may hold a line break, so it comes last.
    const key = `${dashboardId}\n${panelId ?? ''}\n${rawQuery}\n${tenantText === null ? '' : `=${tenantText}`}`;
    return () => {
      const asked = this.#asked.get(key);
      if (asked) asked.count++;
      else this.#asked.set(key, { read, count: 1 });
    };
  }

  /** Never rejects: while the store does not take it, it is only known which questions there were of late. */
  async flush(): Promise<void> {
    const counts = new Map<string, number>();
    for (const { read, count } of this.#asked.values()) {
      const spelled = spelledQuestion(read);
      counts.set(spelled, (counts.get(spelled) ?? 0) + count);
    }
    if (counts.size === 0) return;
    this.#asked.clear();
    const nowMs = this.#clock.nowMs();
    const weighed = [...counts].map(([spelled, count]) => ({
      spelled,
      weightLog2: questionWeightLog2(count, nowMs),
    }));
    await this.#store.add(weighed).catch(() => {});
  }

  /** The hottest questions about a dashboard that somebody will probably ask again; none while the store does not answer. */
  async hottest(dashboardId: string, limitCount: number): Promise<HotQuestion[]> {
    if (limitCount === 0) return [];
    await this.flush();
    const nowMs = this.#clock.nowMs();
    const all = await this.#store.hottestFirst().catch(() => []);
    return all
      .filter(({ weightLog2 }) => questionsOfNow(weightLog2, nowMs) > ONCE)
      .flatMap(({ spelled }) => {
        const question = readQuestion(spelled);
        return question?.dashboardId === dashboardId ? [{ ...question, spelled }] : [];
      })
      .slice(0, limitCount);
  }

  /** What no panel answers any more. Never rejects. */
  async forget(questions: readonly HotQuestion[]): Promise<void> {
    await this.#store.forget(questions.map(({ spelled }) => spelled)).catch(() => {});
  }

  async close(): Promise<void> {
    this.#cancel();
    await this.flush();
  }
}

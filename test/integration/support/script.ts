import { Agent } from 'node:http';
import type { Test } from 'tap';
import type { ReadCounters } from '../../../services/statistics/counters.js';
import type { ReadLayer, ReadOutcome } from '../../../services/statistics/recorder.js';
import type { Answer, AskOptions } from './ask.js';
import { addReads } from './counters.js';
import type { ListeningApp } from './listening-app.js';
import type { ScriptedSource } from './scripted-source.js';
import { together } from './together.js';

export type Reads = readonly (readonly [panel: string, outcome: ReadOutcome, layer: ReadLayer])[];

/** One process of the script with the source that it asks. */
export interface Actor extends ListeningApp {
  readonly source: ScriptedSource;
}

/** Sends requests and keeps the books of what each must have been counted as. */
export class Script {
  sentCount = 0;
  readonly expected: Record<string, ReadCounters> = {};
  readonly latencies: Record<ReadLayer, number> = { l1: 0, l2: 0, source: 0 };
  readonly #agent = new Agent({ keepAlive: true });
  readonly #t: Test;

  constructor(t: Test) {
    this.#t = t;
    t.teardown(() => this.#agent.destroy());
  }

  /** `count` requests one after the other, each of which answers `status` and counts as these reads. */
  async send(
    actor: Actor,
    path: string,
    {
      status = 200,
      count = 1,
      reads = [],
      ...options
    }: AskOptions & { status?: number; count?: number; reads?: Reads },
  ): Promise<void> {
    for (let i = 0; i < count; i++)
      this.#book(await this.#ask(actor, path, options), { path, status, reads });
  }

  /** Requests that are all under way before the source answers any. The first leads, the others find its load. */
  async sendTogether(
    actor: Actor,
    path: string,
    { status = 200, reads }: { status?: number; reads: readonly Reads[] },
  ): Promise<void> {
    const answers = await together(
      actor,
      reads.map(() => () => this.#ask(actor, path, {})),
    );
    for (const [index, answer] of answers.entries())
      this.#book(answer, { path, status, reads: reads[index] ?? [] });
  }

  #ask(actor: Actor, path: string, options: AskOptions): Promise<Answer> {
    this.sentCount++;
    return actor.get(path, { agent: this.#agent, ...options });
  }

  #book(answer: Answer, { path, status, reads }: { path: string; status: number; reads: Reads }): void {
    if (answer.status !== status)
      this.#t.fail(`${path}: ${answer.status} instead of ${status}: ${answer.text}`);
    for (const [panel, outcome, layer] of reads) {
      addReads(this.expected, panel, outcome, 1);
      this.latencies[layer]++;
    }
  }
}

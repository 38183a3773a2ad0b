import type { AuditSample } from '../../../services/audit/audit-sample.js';
import type { AuditedReplica, ReplicaLook } from '../../../services/audit/audited-replica.js';
import type { ServedAs } from '../../../services/audit/served-as.js';
import type { CacheEvent } from '../../../services/events/events-schema.js';
import type { ExplainedEntry } from '../../../services/explain/entries-schema.js';
import { renderPanel } from '../../../services/panel-read.js';
import { sampleCopy, sampleEntry } from '../../cli/support/sample-entries.js';
import type { ManualClock } from '../../helpers/manual-clock.js';

/** What a replica answers to one sample; what is left out is a fresh hit of a minute ago. */
export interface ScriptedLook {
  readonly content?: string;
  readonly servedAs?: ServedAs;
  readonly ageMs?: number;
  readonly etag?: string;
  readonly generatedAtMs?: number;
  readonly problem?: string;
  readonly redisAnswers?: boolean;
  readonly entry?: Partial<ExplainedEntry>;
  /** Whose question is answered instead. */
  readonly insteadOf?: (sample: AuditSample) => AuditSample;
}

const GENERATED_AT_MS = Date.parse('2026-06-15T11:00:00.000Z');
const FRESH: ServedAs = { outcome: 'hit', detail: 'l1', ttlSeconds: 300 };

/** A replica that answers by a script; it takes a millisecond for everything it does. */
export class ScriptedReplica implements AuditedReplica {
  readonly asked: string[] = [];
  readonly trail: CacheEvent[] = [];
  readonly #clock: ManualClock;
  readonly #script: (sample: AuditSample) => ScriptedLook;

  constructor(
    readonly name: string,
    options: { clock: ManualClock; script: (sample: AuditSample) => ScriptedLook },
  ) {
    this.#clock = options.clock;
    this.#script = options.script;
  }

  async look(sample: AuditSample): Promise<ReplicaLook> {
    this.asked.push(sample.address);
    const said = this.#script(sample);
    const { servedAs = FRESH, ageMs = 60_000, content = '"data":1', problem = null, entry } = said;
    const storedAt = new Date(this.#clock.nowMs() - ageMs).toISOString();
    const etag = said.etag ?? content;
    const copy = sampleCopy({ etag, stored_at: storedAt });
    const { generatedAtMs = GENERATED_AT_MS } = said;
    const explain = () => {
      const fromMs = this.#clock.nowMs();
      this.#clock.advance(1);
      const held = { ...copy, age_ms: this.#clock.nowMs() - Date.parse(storedAt) };
      return { fromMs, toMs: this.#clock.nowMs(), entry: sampleEntry({ l1: held, l2: held, ...entry }) };
    };
    const before = explain();
    const span = { fromMs: this.#clock.nowMs(), toMs: this.#clock.nowMs() };
    const { read } = said.insteadOf?.(sample) ?? sample;
    const text = renderPanel(read, content, generatedAtMs);
    const answer = {
      ...span,
      servedAs,
      ageSeconds: Math.floor(ageMs / 1000),
      etag,
      text,
      body: JSON.parse(text),
    };
    const after = explain();
    const redisAnswers = said.redisAnswers ?? true;
    return { before, after, answer: problem === null ? answer : null, problem, redisAnswers };
  }

  async events(): Promise<readonly CacheEvent[]> {
    return this.trail;
  }
}

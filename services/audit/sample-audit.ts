import { DashcacheError } from '../../errors.js';
import type { Clock } from '../clock.js';
import { type AnsweredQuestion, answeredQuestion } from './answered-question.js';
import type { AuditSample } from './audit-sample.js';
import type { AuditTally } from './audit-tally.js';
import type { ReplicaLook } from './audited-replica.js';
import { bindingChanges, type Trail } from './binding-changes.js';
import { BOUND } from './bounds.js';
import { compareReplicas } from './compare-replicas.js';
import type { BindingChange, TruthNow } from './evidence.js';
import { judgeHeaders } from './judge-headers.js';
import { judgeRead } from './judge-read.js';
import type { ReplicaWatch } from './replica-watch.js';
import type { SourceTruth } from './source-truth.js';
import type { TruthHistory } from './truth-history.js';
import type { Verdict, ViolationKind } from './verdict.js';

export interface SampleAuditParts {
  readonly watches: readonly ReplicaWatch[];
  readonly truth: Pick<SourceTruth, 'contentOf'>;
  readonly history: TruthHistory;
  readonly tally: AuditTally;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly pause: (ms: number) => Promise<void>;
}

/** What the source says now, and all that it was seen to say while the sample was looked at. */
interface TruthSeen {
  /** Null while it moves, or does not answer. */
  readonly now: TruthNow | null;
  readonly seen: readonly string[];
}

/** A replica's look at one sample. */
interface Looked {
  readonly watch: ReplicaWatch;
  readonly look: ReplicaLook;
}

/** One that gave data. */
interface Read extends Looked {
  readonly answer: NonNullable<ReplicaLook['answer']>;
  readonly question: AnsweredQuestion;
}

/** These rest on what the source says; a source of files may have been a moment behind. */
const ON_THE_SOURCE: ReadonlySet<ViolationKind> = new Set([
  'purge_ignored',
  'expire_ignored',
  'too_old',
  'not_the_source',
]);

const UNKNOWN: TruthSeen = { now: null, seen: [] };

/** Puts one question to every replica and to the source, and judges each answer. */
export class SampleAudit {
  readonly #parts: SampleAuditParts;

  constructor(parts: SampleAuditParts) {
    this.#parts = parts;
  }

  /** Resolves to why the source did not answer, null where it did. Rejects where a replica cannot be asked. */
  async of(sample: AuditSample): Promise<DashcacheError | null> {
    const { tally, watches } = this.#parts;
    tally.sample();
    const truth = await this.#ask(sample, UNKNOWN);
    const looked: Looked[] = [];
    for (const watch of watches) looked.push({ watch, look: await watch.look(sample) });
    const reads = looked.flatMap((each) => this.#readOf(each, sample));
    const isKnown = !(truth instanceof DashcacheError);
    const verdicts = isKnown ? await this.#verdicts(sample, reads, truth) : reads.map(withoutTruth);
    const differences = differencesOf(looked);
    for (const [index, { watch, answer }] of reads.entries()) {
      const verdict = worse(verdicts[index] ?? null, differences.get(watch) ?? null);
      const about = { sample, replica: watch.replica.name, servedAs: answer.servedAs, atMs: answer.fromMs };
      if (verdict) tally.read(verdict, about);
      else if (!isKnown) tally.unknown(`${sample.read.panel.id}: ${truth.message}`);
    }
    return isKnown ? null : truth;
  }

  #readOf({ watch, look }: Looked, { read, address }: AuditSample): Read[] {
    const { answer, problem } = look;
    if (answer === null) {
      this.#parts.tally.unanswered(`${watch.replica.name}${address}: ${problem}`);
      return [];
    }
    return [{ watch, look, answer, question: answeredQuestion(read, answer.text, answer.body) }];
  }

  async #verdicts(sample: AuditSample, reads: readonly Read[], truth: TruthSeen): Promise<Verdict[]> {
    const isNow = ({ question }: Read) => question.content !== null && truth.seen.includes(question.content);
    if (reads.every(isNow)) return reads.map((read) => verdictOf(read, truth, []));
    // The data may have moved while the replicas were asked.
    const later = await this.#askAgain(sample, truth);
    const changes = await this.#changes(reads);
    const verdicts = reads.map((read, index) => verdictOf(read, later, changes[index] ?? []));
    if (!verdicts.some((verdict) => verdict.is === 'violation' && ON_THE_SOURCE.has(verdict.fault.kind)))
      return verdicts;
    await this.#parts.pause(BOUND.sourceLagMs);
    const settled = await this.#askAgain(sample, later);
    return reads.map((read, index) => verdictOf(read, settled, changes[index] ?? []));
  }

  async #changes(reads: readonly Read[]): Promise<BindingChange[][]> {
    const trails = new Map<ReplicaWatch, Trail>();
    for (const watch of this.#parts.watches) trails.set(watch, await watch.trail());
    return reads.map(({ watch, look }) => {
      const own = trails.get(watch);
      const others = [...trails].filter(([other]) => other !== watch).map(([, trail]) => trail);
      return own ? bindingChanges({ own, others }, look.after.entry.tags) : [];
    });
  }

  async #askAgain(sample: AuditSample, before: TruthSeen): Promise<TruthSeen> {
    const asked = await this.#ask(sample, before);
    return asked instanceof DashcacheError ? { ...before, now: null } : asked;
  }

  async #ask(sample: AuditSample, before: TruthSeen): Promise<TruthSeen | DashcacheError> {
    const { truth, history, clock } = this.#parts;
    const fromMs = clock.nowMs();
    try {
      const content = await truth.contentOf(sample.read);
      const now = history.note(sample.address, content, { fromMs, toMs: clock.nowMs() });
      const isMoving = before.seen.length > 0 && before.seen.at(-1) !== content;
      return { now: isMoving ? null : now, seen: [...before.seen, content] };
    } catch (error) {
      if (error instanceof DashcacheError) return error;
      throw error;
    }
  }
}

function verdictOf(
  { answer, look, question, watch }: Read,
  truth: TruthSeen,
  changes: readonly BindingChange[],
): Verdict {
  if (question.content === null) return { is: 'violation', fault: question.fault };
  const { before, after } = look;
  const { redisAnswersSinceMs } = watch;
  const { now, seen } = truth;
  const evidence = { answer, before, after, content: question.content, truth: now, seen, changes };
  return judgeRead({ ...evidence, redisAnswersSinceMs });
}

/** What can be said without the source: the question that was answered, and the headers. */
function withoutTruth({ answer, look, question }: Read): Verdict | null {
  // While the source fails, what nobody can prove may be served for longer than a moment.
  const headers = { answer, before: look.before, after: look.after, redisAnswersSinceMs: null };
  const fault = question.fault ?? judgeHeaders(headers);
  return fault && { is: 'violation', fault };
}

function differencesOf(looked: readonly Looked[]): ReadonlyMap<ReplicaWatch, Verdict> {
  const differences = compareReplicas(
    looked.map(({ watch, look: { answer, before, after } }) => {
      return { replica: watch.replica.name, answer, looks: [before, after] };
    }),
  );
  return new Map(
    differences.flatMap(({ replica, fault }) => {
      const found = looked.find(({ watch }) => watch.replica.name === replica);
      return found ? [[found.watch, { is: 'violation', fault }] as const] : [];
    }),
  );
}

function worse(verdict: Verdict | null, difference: Verdict | null): Verdict | null {
  return verdict?.is === 'violation' ? verdict : (difference ?? verdict);
}

import type { AuditSample } from './audit-sample.js';
import type { AuditedReplica, ReplicaLook } from './audited-replica.js';
import type { Trail } from './binding-changes.js';
import type { Explanation } from './evidence.js';

/** What an audit learns of one replica as it looks: how its clock stands to ours, and since when Redis answers it. */
export class ReplicaWatch {
  readonly replica: AuditedReplica;
  #toHere: Trail['toHere'] = null;
  #redisAnswersSinceMs: number | null = null;

  constructor(replica: AuditedReplica) {
    this.replica = replica;
  }

  get redisAnswersSinceMs(): number | null {
    return this.#redisAnswersSinceMs;
  }

  async look(sample: AuditSample): Promise<ReplicaLook> {
    const look = await this.replica.look(sample);
    if (!look.redisAnswers) this.#redisAnswersSinceMs = null;
    else this.#redisAnswersSinceMs ??= look.before.fromMs;
    for (const explanation of [look.before, look.after]) this.#compareClocks(explanation);
    return look;
  }

  async trail(): Promise<Trail> {
    const events = await this.replica.events();
    return { events, toHere: this.#toHere, redisAnswersSinceMs: this.#redisAnswersSinceMs };
  }

  /** Its now is told by the age of a copy. The quickest answer says most. */
  #compareClocks({ entry, fromMs, toMs }: Explanation): void {
    const copy = entry.l1 ?? entry.l2;
    // An age of 0 may be one that would be negative.
    if (!copy || copy.age_ms <= 0) return;
    const itsNowMs = Date.parse(copy.stored_at) + copy.age_ms;
    const known = this.#toHere;
    if (known && known.mostMs - known.leastMs <= toMs - fromMs) return;
    this.#toHere = { leastMs: fromMs - itsNowMs, mostMs: toMs - itsNowMs };
  }
}

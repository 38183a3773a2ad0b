import type { Span, TruthNow } from './evidence.js';

/** Between two looks farther apart the source may have been something else and back again. */
const LONGEST_GAP_MS = 30_000;

/** What the source was seen to say of each address, and since when it says the same. */
export class TruthHistory {
  readonly #known = new Map<string, TruthNow & { readonly askedMs: number }>();

  /** Takes up an answer of the source. */
  note(address: string, content: string, { fromMs, toMs }: Span): TruthNow {
    const before = this.#known.get(address);
    const isKnown = before?.content === content && fromMs - before.askedMs <= LONGEST_GAP_MS;
    // What an answer says, the source said at the latest when it came.
    const unchangedSinceMs = isKnown ? before.unchangedSinceMs : toMs;
    this.#known.set(address, { content, unchangedSinceMs, askedMs: fromMs });
    return { content, unchangedSinceMs };
  }
}

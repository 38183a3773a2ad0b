/** Questions by how often they were asked of late; bounded. */
export interface QuestionStore {
  /** `weightLog2` as questionWeightLog2 gives it: what was asked before counts as well, the less the older it is. */
  add(questions: readonly WeighedQuestion[]): Promise<void>;
  /** All there are, the hottest first. */
  hottestFirst(): Promise<WeighedQuestion[]>;
  forget(spelled: readonly string[]): Promise<void>;
}

export interface WeighedQuestion {
  /** As spelledQuestion gives it. */
  readonly spelled: string;
  readonly weightLog2: number;
}

export const QUESTIONS_MAX_COUNT = 2000;
/** A question counts half after so long. */
const HALF_LIFE_MS = 24 * 60 * 60 * 1000;

/**
 * What so many questions of a moment weigh beside those of all other moments: later ones weigh more, and so the earlier ones, whose
 * weights are never touched again, less. As a logarithm, for it grows without end.
 */
export function questionWeightLog2(count: number, atMs: number): number {
  return Math.log2(count) + atMs / HALF_LIFE_MS;
}

/** As how many questions of this moment it counts. */
export function questionsOfNow(weightLog2: number, nowMs: number): number {
  return 2 ** (weightLog2 - nowMs / HALF_LIFE_MS);
}

/** Without Redis: in this process. */
export class MemoryQuestionStore implements QuestionStore {
  readonly #weights = new Map<string, number>();

  async add(questions: readonly WeighedQuestion[]): Promise<void> {
    for (const { spelled, weightLog2 } of questions)
      this.#weights.set(spelled, sumLog2(this.#weights.get(spelled), weightLog2));
    if (this.#weights.size <= QUESTIONS_MAX_COUNT) return;
    for (const { spelled } of this.#sorted().slice(QUESTIONS_MAX_COUNT)) this.#weights.delete(spelled);
  }

  async hottestFirst(): Promise<WeighedQuestion[]> {
    return this.#sorted();
  }

  async forget(spelled: readonly string[]): Promise<void> {
    for (const each of spelled) this.#weights.delete(each);
  }

  #sorted(): WeighedQuestion[] {
    const all = [...this.#weights].map(([spelled, weightLog2]) => ({ spelled, weightLog2 }));
    return all.sort((a, b) => b.weightLog2 - a.weightLog2);
  }
}

function sumLog2(known: number | undefined, added: number): number {
  if (known === undefined) return added;
  const high = Math.max(known, added);
  return high + Math.log2(2 ** (known - high) + 2 ** (added - high));
}

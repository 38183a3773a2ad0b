import type { Clock } from './clock.js';

const OPENS_AFTER_COUNT = 5;
const PROBE_AFTER_MS = 1000;

/**
 * One call that was let through; what came of it is told once. A failure of a call that began before the breaker last moved says
 * nothing of the time since; an answer is a sign of life whenever its call began.
 */
export interface Passage {
  /** The dependency answered, if not always what was hoped for. */
  answered(): void;
  /** It did not. */
  failed(): void;
  /** The call ended for a reason that says nothing of the dependency. */
  withdrawn(): void;
}

/**
 * Stops asking a dependency that does not answer: it opens after five failures in a row, and lets one call through a second
 * later, and so on until one is answered. In between callers are told at once, without a wait.
 */
export class Breaker {
  readonly #clock: Clock;
  readonly #moved: (isOpen: boolean) => void;
  #failuresCount = 0;
  #openedAtMs: number | null = null;
  #isProbing = false;
  /** Another one whenever the breaker moves, or a probe has failed. */
  #term = 0;
  readonly #told: Told = {
    answered: () => this.answered(),
    failed: (term) => this.#failed(term),
    withdrawn: (term) => this.#withdrawn(term),
  };

  /** `moved` is told when it opens and when it closes. */
  constructor({ clock, moved = () => {} }: { clock: Clock; moved?: (isOpen: boolean) => void }) {
    this.#clock = clock;
    this.#moved = moved;
  }

  /** Five failures in a row, and no answer since. */
  get isOpen(): boolean {
    return this.#openedAtMs !== null;
  }

  /** How long until a call may be let through; 0 when one may be now. */
  get probeInMs(): number {
    if (this.#openedAtMs === null) return 0;
    return Math.max(0, this.#openedAtMs + PROBE_AFTER_MS - this.#clock.monotonicMs());
  }

  /** Null: the caller is to go on without. Whoever gets a passage tells what came of it, in bounded time. */
  enter(): Passage | null {
    if (this.isOpen && (this.#isProbing || this.probeInMs > 0)) return null;
    this.#isProbing = this.isOpen;
    return new OnePassage(this.#told, this.#term);
  }

  /** The dependency is known to answer, whoever asked it. */
  answered(): void {
    this.#failuresCount = 0;
    if (!this.isOpen) return;
    this.#openedAtMs = null;
    this.#isProbing = false;
    this.#term++;
    this.#moved(false);
  }

  /** The next call would ask somebody else, or on another way: it is let through at once, and a probe under way counts no more. */
  probeNow(): void {
    if (!this.isOpen) return;
    this.#openedAtMs = Number.NEGATIVE_INFINITY;
    this.#isProbing = false;
    this.#term++;
  }

  #failed(term: number): void {
    if (term !== this.#term) return;
    const wasOpen = this.isOpen;
    if (!wasOpen && ++this.#failuresCount < OPENS_AFTER_COUNT) return;
    this.#openedAtMs = this.#clock.monotonicMs();
    this.#isProbing = false;
    this.#term++;
    if (!wasOpen) this.#moved(true);
  }

  #withdrawn(term: number): void {
    if (term === this.#term) this.#isProbing = false;
  }
}

/** The breaker, as a passage tells it what came of its call; `term`: when that began. */
interface Told {
  answered(): void;
  failed(term: number): void;
  withdrawn(term: number): void;
}

class OnePassage implements Passage {
  /** Null once it was told. */
  #breaker: Told | null;
  readonly #term: number;

  constructor(breaker: Told, term: number) {
    this.#breaker = breaker;
    this.#term = term;
  }

  answered(): void {
    this.#once()?.answered();
  }

  failed(): void {
    this.#once()?.failed(this.#term);
  }

  withdrawn(): void {
    this.#once()?.withdrawn(this.#term);
  }

  #once(): Told | null {
    const breaker = this.#breaker;
    this.#breaker = null;
    return breaker;
  }
}

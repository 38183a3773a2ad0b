/** Entries become stale after half a second, or up to a twentieth of that earlier. */
const FRESH_MS = 475;
/** After a fault is over a process may need so long until it agrees with the others again. */
const AFTERMATH_MS = 2000;
const STEP_MS = 50;

/**
 * How often the source may be asked: each key once in a time to live and after each invalidation; once more for each killed holder
 * and each lost root; and while Redis does not answer some processes, by each of these for itself.
 */
export class LoadBound {
  readonly #keysCount: number;
  readonly #troubledUntilMs: number[];
  #allowedCount = 0;
  #ticking: NodeJS.Timeout | null = null;
  #steppedAtMs = performance.now();

  constructor(options: { keysCount: number; processesCount: number }) {
    this.#keysCount = options.keysCount;
    this.#troubledUntilMs = Array.from({ length: options.processesCount }, () => 0);
  }

  begin(): void {
    this.#allowedCount = this.#keysCount;
    this.#steppedAtMs = performance.now();
    this.#ticking = setInterval(() => this.#step(), STEP_MS);
  }

  /** The largest number of loads that all of it explains. */
  end(): number {
    if (this.#ticking) clearInterval(this.#ticking);
    this.#step();
    return Math.ceil(this.#allowedCount);
  }

  /** A process cannot reach Redis from now on. */
  troubled(...processes: readonly number[]): void {
    for (const index of processes) this.#troubledUntilMs[index] = Number.POSITIVE_INFINITY;
  }

  /** It can again, or could not for an instant. */
  recovers(...processes: readonly number[]): void {
    for (const index of processes) this.#troubledUntilMs[index] = performance.now() + AFTERMATH_MS;
  }

  /** Somebody asked for another value of one key: it is loaded by each of those who do not agree. */
  invalidated(): void {
    this.#allowedCount += this.#groupsCount;
  }

  /** A holder died, with a load of each key at most. */
  killed(): void {
    this.#allowedCount += this.#keysCount;
  }

  /** Each live key is loaded once. */
  rootLost(): void {
    this.#allowedCount += this.#keysCount;
  }

  /** Those who agree through Redis load as one. */
  get #groupsCount(): number {
    const nowMs = performance.now();
    const aloneCount = this.#troubledUntilMs.filter((untilMs) => untilMs > nowMs).length;
    return aloneCount + (aloneCount < this.#troubledUntilMs.length ? 1 : 0);
  }

  #step(): void {
    const nowMs = performance.now();
    this.#allowedCount += (this.#keysCount * this.#groupsCount * (nowMs - this.#steppedAtMs)) / FRESH_MS;
    this.#steppedAtMs = nowMs;
  }
}

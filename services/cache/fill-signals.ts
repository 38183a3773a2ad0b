/**
 * Tells a waiter that the load it waits for has ended, wherever it ran. Only a hint: whoever waits asks Redis again at intervals
 * all the same, so a message that is lost costs time and nothing else.
 */
export interface FillSignals {
  /** Resolves when somebody tells that a load of the key ended; never rejects. Whoever no longer waits cancels. */
  next(keyHash: string): { readonly told: Promise<void>; cancel(): void };
}

/** Never tells: what waits is left to its intervals. */
export const silentFillSignals: FillSignals = {
  next: () => ({ told: new Promise<void>(() => {}), cancel: () => {} }),
};

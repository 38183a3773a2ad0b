import type { Clock } from '../clock.js';
import { pause } from './pause.js';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1000;

/**
 * Tells until it is taken: a change that Redis did not take stays owed. Rejects with the last refusal when `signal` aborts, or
 * after `withinMs` (Infinity: never).
 */
export async function untilTaken(
  tell: () => Promise<void>,
  { clock, signal, withinMs }: { clock: Clock; signal: AbortSignal; withinMs: number },
): Promise<void> {
  const endMs = clock.monotonicMs() + withinMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await tell();
    } catch (error) {
      if (signal.aborted || clock.monotonicMs() >= endMs) throw error;
    }
    await pause(pauseMs, { clock, signal });
  }
}

import type { Bypassed } from '../bypass/bypass-schema.js';
import type { Clock } from '../clock.js';
import { BaselineTally } from './baseline-tally.js';

/** How much may be asked. */
export interface BaselineLimits {
  readonly samplesCount: number;
  readonly forMs: number;
  /** From the beginning of one sample to that of the next. */
  readonly everyMs: number;
}

export interface BaselineParts {
  /** Reads an address beside the cache; null where the service knows nothing there. */
  readonly bypass: (address: string) => Promise<Bypassed | null>;
  readonly clock: Clock;
  /** Rejects when the measuring is to end. */
  readonly pause: (ms: number) => Promise<void>;
  readonly tell: (progress: { samples: number; samplesCount: number }) => void;
}

/**
 * Asks the addresses in their order, one at a time and never faster than the limits say; it ends at the first of them.
 * Resolves to what was measured until then, with what ended it early.
 */
export async function measureBaseline(
  addresses: readonly string[],
  { bypass, clock, pause, tell }: BaselineParts,
  { samplesCount, forMs, everyMs }: BaselineLimits,
): Promise<{ tally: BaselineTally; failure: unknown }> {
  const tally = new BaselineTally();
  const startMs = clock.monotonicMs();
  const wanted = addresses.slice(0, samplesCount);
  try {
    for (const [samples, address] of wanted.entries()) {
      const earlyMs = startMs + samples * everyMs - clock.monotonicMs();
      if (earlyMs > 0) await pause(Math.min(earlyMs, forMs));
      if (clock.monotonicMs() - startMs >= forMs) break;
      const bypassed = await bypass(address);
      if (bypassed) tally.add(bypassed);
      else tally.refuse();
      tell({ samples: samples + 1, samplesCount: wanted.length });
    }
    return { tally, failure: null };
  } catch (failure) {
    return { tally, failure };
  }
}

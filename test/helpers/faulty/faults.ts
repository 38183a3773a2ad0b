import type { Clock } from '../../../services/clock.js';
import type { Barrier } from '../barrier.js';

/** What becomes of one call. `run` makes it on the real thing; the result of the fault is what the caller gets. */
export type Fault = (run: () => unknown) => unknown;

/** Rejects, and nothing arrives. For calls that give a promise. */
export function refuses(error: Error = new Error('The call was refused')): Fault {
  return () => Promise.reject(error);
}

/** Throws, and nothing arrives. For calls that answer at once. */
export function throws(error: Error = new Error('The call broke')): Fault {
  return () => {
    throw error;
  };
}

/** Nothing arrives and nobody is told: the caller gets this value, e.g. null for a read that finds nothing. */
export function drops(answer?: unknown): Fault {
  return () => answer;
}

/** Never answers, and nothing arrives. */
export function hangs(): Fault {
  return () => new Promise(() => {});
}

/** Arrives late by the hands of that clock. */
export function arrivesLate(clock: Clock, delayMs: number): Fault {
  return async (run) => {
    await passed(clock, delayMs);
    return run();
  };
}

/** Arrives at once, and the answer is late. */
export function answersLate(clock: Clock, delayMs: number): Fault {
  return async (run) => {
    const outcome = await settled(run);
    await passed(clock, delayMs);
    return outcome();
  };
}

/** Arrives when the test lets it. */
export function arrivesAfter(barrier: Barrier): Fault {
  return async (run) => {
    await barrier.pass();
    return run();
  };
}

/** Arrives at once, and the answer comes when the test lets it. */
export function answersAfter(barrier: Barrier): Fault {
  return async (run) => {
    const outcome = await settled(run);
    await barrier.pass();
    return outcome();
  };
}

/** Arrives and is carried out; the caller is told that it failed. A time-out is not a refusal (PROTOCOL.md, trap 10). */
export function losesAnswer(error: Error = new Error('No answer came in time')): Fault {
  return async (run) => {
    await settled(run);
    throw error;
  };
}

/** The caller is told at once that it failed, and it arrives when the test lets it: a late fill, a late purge. */
export function failsAndArrivesAfter(
  barrier: Barrier,
  error: Error = new Error('No answer came in time'),
): Fault {
  return (run) => {
    // Nobody is left to hear what becomes of it.
    void barrier.pass().then(() => settled(run));
    return Promise.reject(error);
  };
}

/** Arrives twice, as when it was sent again; the second answer counts. */
export function runsTwice(): Fault {
  return async (run) => {
    await run();
    return run();
  };
}

function passed(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}

/** Runs it now; what came of it, to be given or thrown later. */
async function settled(run: () => unknown): Promise<() => unknown> {
  try {
    const result = await run();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

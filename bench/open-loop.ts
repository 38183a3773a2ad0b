import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../test/integration/support/ask.js';

/** As many as are waiting, but for what this process can hold open. */
const MAXIMUM_SOCKETS_COUNT = 2000;
/** Who has waited so long for an answer hangs up. */
const PATIENCE_MS = 2000;

/** One request of an open loop. */
export interface Sent {
  /** When it was to be sent, since the loop began. */
  readonly atMs: number;
  /** When it was. */
  readonly sentAtMs: number;
  /** From that instant to its answer: who is sent late because others are slow has waited too. */
  readonly tookMs: number;
  /** 0: no answer. */
  readonly status: number;
  readonly cacheStatus: string;
}

/** Asks these addresses in turn, so many a second whatever the answers take; resolves when the last is answered. */
export async function openLoop(options: {
  url: string;
  paths: readonly string[];
  perSecondCount: number;
  durationMs: number;
}): Promise<Sent[]> {
  const { url, paths, perSecondCount, durationMs } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: MAXIMUM_SOCKETS_COUNT });
  const startMs = performance.now();
  const asking: Promise<Sent>[] = [];
  const askOne = async (path: string, atMs: number): Promise<Sent> => {
    const sentAtMs = performance.now() - startMs;
    const answer = await ask(url + path, { agent, signal: AbortSignal.timeout(PATIENCE_MS) }).catch(
      () => null,
    );
    const tookMs = performance.now() - startMs - atMs;
    return { atMs, sentAtMs, tookMs, status: answer?.status ?? 0, cacheStatus: answer?.cacheStatus ?? '' };
  };
  for (let i = 0; ; ) {
    const nowMs = performance.now() - startMs;
    for (; (i * 1000) / perSecondCount <= Math.min(nowMs, durationMs); i++)
      asking.push(askOne(paths[i % paths.length] ?? '/', (i * 1000) / perSecondCount));
    if (nowMs > durationMs) break;
    await sleep(1);
  }
  const sent = await Promise.all(asking);
  agent.destroy();
  return sent;
}

/** The time within which that share of the requests was answered; NaN for none. */
export function percentileMs(sent: readonly Sent[], share: number): number {
  const times = sent.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  return times[Math.ceil(times.length * share) - 1] ?? Number.NaN;
}

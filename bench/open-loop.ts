import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';

/** More would cost this process, which has as much to do as what it measures, more than they show. */
const CONNECTIONS_COUNT = 512;

/** One request of an open loop. */
export interface Sent {
  /** When it was to be sent, since the loop began. */
  readonly atMs: number;
  /** When it was. */
  readonly sentAtMs: number;
  /** From that instant to its answer: who is sent late because others are slow has waited too. */
  readonly tookMs: number;
  /** 0: no answer, or all connections were waiting for one. */
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
  const pool = new Pool(url, { connections: CONNECTIONS_COUNT, pipelining: 1 });
  const startMs = performance.now();
  let waitingCount = 0;
  const asking: Promise<Sent>[] = [];
  const askOne = async (path: string, atMs: number): Promise<Sent> => {
    const sentAtMs = performance.now() - startMs;
    const isFull = waitingCount >= CONNECTIONS_COUNT;
    if (!isFull) waitingCount++;
    const answer = isFull ? null : await answerOf(pool, path).catch(() => null);
    if (!isFull) waitingCount--;
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
  await pool.destroy();
  return sent;
}

async function answerOf(pool: Pool, path: string): Promise<Pick<Sent, 'status' | 'cacheStatus'>> {
  const { statusCode, headers, body } = await pool.request({
    path,
    method: 'GET',
  });
  await body.dump();
  return { status: statusCode, cacheStatus: String(headers['cache-status']) };
}

/** The time within which that share of the requests was answered; NaN for none. */
export function percentileMs(sent: readonly Sent[], share: number): number {
  const times = sent.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  return times[Math.ceil(times.length * share) - 1] ?? Number.NaN;
}

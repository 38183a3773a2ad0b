import { useCallback, useRef, useState } from 'preact/hooks';
import { type Api, type Result, resultOf } from '../shared/api.js';
import type { HistoryBody, MinuteSum, PeriodsBody } from './answers.js';
import { useWhileVisible } from './use-monitor.js';

const REFRESH_MS = 15_000;
const PERIODS_REFRESH_MS = 60_000;
/** The minute that runs still changes, and others are written late. */
const STILL_CHANGING_MS = 3 * 60_000;

export interface HistorySeen {
  readonly minutes: readonly MinuteSum[];
  readonly reach: 'cluster' | 'process';
  readonly atMs: number;
}

/** The minutes of the last `rangeMs`; once they are there, only those that may have changed are asked for again. Null before the first answer. */
export function useHistory(api: Api, rangeMs: number): HistorySeen | null {
  const [seen, setSeen] = useState<HistorySeen | null>(null);
  const held = useRef({ minutes: new Map<string, MinuteSum>(), fromMs: Number.POSITIVE_INFINITY, toMs: 0 });
  const refresh = useCallback(async () => {
    const atMs = Date.now();
    const { minutes, fromMs, toMs } = held.current;
    const startMs = atMs - rangeMs;
    const askedMs = startMs < fromMs ? startMs : toMs - STILL_CHANGING_MS;
    const { value } = await resultOf(
      api.get<HistoryBody>(`reports/cache-history?from=${new Date(askedMs).toISOString()}`),
    );
    if (!value?.enabled) return;
    for (const minute of value.minutes) minutes.set(minute.start, minute);
    held.current = { minutes, fromMs: Math.min(fromMs, startMs), toMs: atMs };
    const inOrder = [...minutes.values()].sort((a, b) => (a.start < b.start ? -1 : 1));
    setSeen({ minutes: inOrder, reach: value.reach, atMs });
  }, [api, rangeMs]);
  useWhileVisible(refresh, REFRESH_MS);
  return seen;
}

/** Days and weeks; null before the first answer. */
export function usePeriods(api: Api): Result<PeriodsBody> | null {
  const [periods, setPeriods] = useState<Result<PeriodsBody> | null>(null);
  const refresh = useCallback(async () => {
    setPeriods(await resultOf(api.get<PeriodsBody>('reports/cache-periods')));
  }, [api]);
  useWhileVisible(refresh, PERIODS_REFRESH_MS);
  return periods;
}

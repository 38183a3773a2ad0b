import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type Api, type Problem, type Result, resultOf } from '../shared/api.js';
import type { Catalogue, Events, Ready, StatisticsBody, SwitchStates } from './answers.js';

const POLL_MS = 5000;
const EVENTS_COUNT = 200;

/** All that one poll learned. */
export interface Seen {
  readonly statistics: StatisticsBody;
  readonly ready: Result<Ready>;
  readonly switches: Result<SwitchStates>;
  readonly events: Result<Events>;
  readonly catalogue: Result<Catalogue>;
  readonly atMs: number;
}

export interface Monitor {
  /** The last that was learned, which stays while the service does not answer; null before the first. */
  readonly seen: Seen | null;
  /** Why the last poll learned nothing. */
  readonly problem: Problem | null;
  /** Polls at once. */
  refresh(): Promise<void>;
}

/** Asks every five seconds while the page is visible. */
export function useMonitor(api: Api): Monitor {
  const [seen, setSeen] = useState<Seen | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const turn = useRef(0);
  const refresh = useCallback(async () => {
    turn.current++;
    const own = turn.current;
    const told = await poll(api);
    // A later poll knows more than one that was slow.
    if (own !== turn.current) return;
    setProblem(told.problem);
    if (told.value) setSeen(told.value);
    // What a credential showed is not shown without one.
    else if (told.problem.status === 401 || told.problem.status === 403) setSeen(null);
  }, [api]);
  useWhileVisible(refresh, POLL_MS);
  return { seen, problem, refresh };
}

async function poll(api: Api): Promise<Result<Seen>> {
  const [statistics, ready, switches, events, catalogue] = await Promise.all([
    resultOf(api.get<StatisticsBody>('reports/cache-statistics/')),
    resultOf(api.get<Ready>('health/ready')),
    resultOf(api.get<SwitchStates>('cache/switch')),
    resultOf(api.get<Events>(`cache/events?limit=${EVENTS_COUNT}`)),
    resultOf(api.get<Catalogue>('dashboards')),
  ]);
  if (statistics.problem) return statistics;
  return {
    value: { statistics: statistics.value, ready, switches, events, catalogue, atMs: Date.now() },
    problem: null,
  };
}

/** Does it now, every so often, and at once when the page is seen again; never while it is hidden. */
export function useWhileVisible(act: () => Promise<void>, everyMs: number): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const go = async () => {
      clearTimeout(timer);
      if (isOver || document.hidden) return;
      await act();
      clearTimeout(timer);
      if (!isOver) timer = setTimeout(go, everyMs);
    };
    document.addEventListener('visibilitychange', go);
    void go();
    return () => {
      isOver = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', go);
    };
  }, [act, everyMs]);
}

import { useCallback, useEffect, useState } from 'preact/hooks';
import type { AnyDashboards } from '../../client/index.js';
import {
  type CatalogueEntry,
  type DashcacheClient,
  DashcacheProblem,
  type LiveState,
} from '../../client/index.js';
import { type PanelContent, type PanelState, type Standing, standingOf } from './model.js';

type Client = DashcacheClient<AnyDashboards>;

export interface Loaded {
  readonly panels: ReadonlyMap<string, PanelState>;
  /** Of the whole dashboard: nothing could be shown. */
  readonly problem: DashcacheProblem | null;
  readonly live: LiveState['is'] | null;
  readonly isLoading: boolean;
}

/** Who is cut off for good is shown what is loaded so often. */
const RELOAD_MS = 30_000;
const NOTHING: Loaded = { panels: new Map(), problem: null, live: null, isLoading: true };

/** A dashboard in one request, and then each panel as it changes. Null params: nothing is asked yet. */
export function useDashboard(
  client: Client,
  entry: CatalogueEntry,
  params: Readonly<Record<string, string>> | null,
): Loaded & { readonly reload: () => void } {
  const [loaded, setLoaded] = useState<Loaded>(NOTHING);
  const [loadsCount, setLoadsCount] = useState(0);
  const reload = useCallback(() => setLoadsCount((count) => count + 1), []);
  const asked = params === null ? null : JSON.stringify(params);
  useEffect(() => {
    if (asked === null) return;
    const end = new AbortController();
    const { signal } = end;
    setLoaded((before) => ({ ...before, isLoading: true, problem: null }));
    const change = (step: (before: Loaded) => Loaded) => {
      if (!signal.aborted) setLoaded(step);
    };
    const put = (id: string, state: (before: PanelState | undefined) => PanelState | undefined) =>
      change((before) => {
        const next = state(before.panels.get(id));
        return next ? { ...before, panels: new Map(before.panels).set(id, next) } : before;
      });
    const given = JSON.parse(asked) as Record<string, string>;
    client.dashboard(entry.id, given, { signal }).then(
      ({ body, freshness }) => {
        const atMs = Date.now();
        const panels = entry.panels.map(({ id }): [string, PanelState] => [
          id,
          { content: contentOf(body.panels, id), standing: standingOf(freshness, id, atMs) },
        ]);
        change((before) => ({ ...before, panels: new Map(panels), problem: null, isLoading: false }));
      },
      (error: unknown) => {
        if (signal.aborted) return;
        const problem = error instanceof DashcacheProblem ? error : new DashcacheProblem(0, null, null);
        change(() => ({ ...NOTHING, problem, isLoading: false }));
      },
    );
    client.subscribe(entry.id, given, {
      signal,
      onPanel: ({ panel, body, freshness }) =>
        put(String(panel), () => ({
          content: body as unknown as PanelContent,
          standing: liveStanding(freshness),
        })),
      onProblem: ({ panel, problem }) => put(String(panel), () => ({ content: { problem }, standing: null })),
      onFreshness: ({ panel, freshness }) =>
        put(String(panel), (before) => before && { ...before, standing: liveStanding(freshness) }),
      onState: ({ is }) => change((before) => ({ ...before, live: is })),
    });
    return () => end.abort();
  }, [client, entry, asked, loadsCount]);
  const isCutOff = loaded.live === 'closed' && loaded.problem === null;
  useEffect(() => {
    if (!isCutOff) return;
    const timer = setInterval(reload, RELOAD_MS);
    return () => clearInterval(timer);
  }, [isCutOff, reload]);
  return { ...loaded, reload };
}

function contentOf(panels: unknown, id: string): PanelContent {
  const all = panels as Record<string, PanelContent> & { charts?: Record<string, PanelContent> };
  const [, chart] = /^charts\/(.+)$/.exec(id) ?? [];
  const content = chart === undefined ? all[id] : all.charts?.[chart];
  return (
    content ?? {
      problem: {
        type: '',
        title: 'Missing',
        status: 0,
        detail: 'The answer has no such panel',
        code: 'missing',
      },
    }
  );
}

function liveStanding(told: {
  readonly age: number;
  readonly ttl: number;
  readonly layer: string;
}): Standing {
  return { isStale: told.ttl < 0, age: told.age, layer: told.layer, atMs: Date.now() };
}

import { useEffect } from 'preact/hooks';
import type { AnyDashboards, CatalogueEntry, DashcacheClient, DashcacheProblem } from '../../client/index.js';
import type { Api } from '../shared/api.js';
import { isMissing } from './model.js';
import { PanelCard } from './panel-card.js';
import { ParametersForm } from './parameters-form.js';
import { useDashboard } from './use-dashboard.js';

export interface DashboardViewProps {
  readonly client: DashcacheClient<AnyDashboards>;
  readonly api: Api;
  readonly entry: CatalogueEntry;
  readonly params: Readonly<Record<string, string>>;
  readonly onParams: (params: Readonly<Record<string, string>>) => void;
  /** The credential is good no more. */
  readonly onRefused: (problem: DashcacheProblem) => void;
}

const LIVE_WORDS = {
  connecting: 'Connecting …',
  open: 'Live',
  waiting: 'Cut off: what is shown may be old; connecting again',
  closed: 'Not live: loaded anew every half minute',
} as const;

/** One dashboard, drawn from its definition. */
export function DashboardView({ client, api, entry, params, onParams, onRefused }: DashboardViewProps) {
  const isAsked = !isMissing(entry, params);
  const { panels, problem, live, isLoading, reload } = useDashboard(client, entry, isAsked ? params : null);
  useEffect(() => {
    if (problem?.status === 401) onRefused(problem);
  }, [problem]);
  return (
    <>
      <div class="title">
        <h1>{entry.title}</h1>
        <p class={`note ${live === 'waiting' || live === 'closed' ? 'warn' : ''}`} role="status">
          {isAsked && live ? LIVE_WORDS[live] : ''}
        </p>
      </div>
      <ParametersForm {...{ client, entry, params }} onChange={onParams} />
      {!isAsked && <p class="empty">Choose what to see.</p>}
      {problem && (
        <div class="card" role="alert">
          <p class="bad">{problem.status === 0 ? 'The service cannot be reached.' : problem.message}</p>
          <ul>
            {problem.errors.map(({ detail, parameter }) => (
              <li key={`${parameter} ${detail}`}>{detail}</li>
            ))}
          </ul>
          <button type="button" onClick={reload}>
            Try again
          </button>
        </div>
      )}
      {isAsked && !problem && (
        <div class="panels" aria-busy={isLoading}>
          {entry.panels.map((panel) => (
            <PanelCard
              key={panel.id}
              {...{ panel, api }}
              state={panels.get(panel.id)}
              address={`/dashboards/${entry.id}/${panel.id}?${new URLSearchParams(params)}`}
              onRetry={reload}
            />
          ))}
        </div>
      )}
    </>
  );
}

import type { AnyDashboards, CatalogueEntry, DashcacheClient } from '../../client/index.js';
import { isMissing } from './model.js';
import { PanelCard } from './panel-card.js';
import { ParametersForm } from './parameters-form.js';
import { useDashboard } from './use-dashboard.js';

export interface DashboardViewProps {
  readonly client: DashcacheClient<AnyDashboards>;
  readonly entry: CatalogueEntry;
  readonly params: Readonly<Record<string, string>>;
  readonly onParams: (params: Readonly<Record<string, string>>) => void;
}

const LIVE_WORDS = {
  connecting: 'Connecting …',
  open: 'Live',
  waiting: 'Cut off: what is shown may be old; connecting again',
  closed: 'Not live: what is shown is as it was loaded',
} as const;

/** One dashboard, drawn from its definition. */
export function DashboardView({ client, entry, params, onParams }: DashboardViewProps) {
  const isAsked = !isMissing(entry, params);
  const { panels, problem, live, isLoading } = useDashboard(client, entry, isAsked ? params : null);
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
        </div>
      )}
      {isAsked && !problem && (
        <div class="panels" aria-busy={isLoading}>
          {entry.panels.map((panel) => (
            <PanelCard key={panel.id} panel={panel} state={panels.get(panel.id)} />
          ))}
        </div>
      )}
    </>
  );
}

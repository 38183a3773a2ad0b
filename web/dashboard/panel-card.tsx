import { useCallback, useEffect, useId, useState } from 'preact/hooks';
import type { Api } from '../shared/api.js';
import { ChartView } from './chart-view.js';
import { DataTable } from './data-table.js';
import { Figures } from './figures.js';
import type { ChartBody, Panel, PanelState, RecordBody, Standing, ValueStyle } from './model.js';
import { csvOf, isChart, rowsOf } from './rows.js';
import { saveFile } from './save-file.js';
import { WhyPanel } from './why.js';

const LAYERS: Readonly<Record<string, string>> = {
  l1: 'from memory',
  l2: 'from Redis',
  source: 'just loaded',
};

export interface PanelCardProps {
  readonly panel: Panel;
  readonly state: PanelState | undefined;
  readonly api: Api;
  /** Of its data, with the parameters that are chosen. */
  readonly address: string;
  readonly onRetry: () => void;
}

/** One panel: its content, how fresh that is and why, and what can be done with it. */
export function PanelCard({ panel, state, api, address, onRetry }: PanelCardProps) {
  const title = useId();
  const [isTable, setIsTable] = useState(false);
  const [picture, setPicture] = useState<(() => string) | null>(null);
  // A function of a state is taken for a step to the next one.
  const onDrawn = useCallback((made: (() => string) | null) => setPicture(() => made), []);
  const body = state && !('problem' in state.content) ? state.content : null;
  const chart = body && isChart(body) && body.data.type !== 'table' ? body : null;
  return (
    <section class={`card panel ${chart || panel.type === 'table' ? 'wide' : ''}`} aria-labelledby={title}>
      <div class="title">
        <h2 id={title}>{panel.title}</h2>
        {body && (
          <div class="actions">
            {chart && (
              <button type="button" class="plain" aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>
                Table
              </button>
            )}
            {chart && !isTable && picture && (
              <button type="button" class="plain" onClick={() => saveFile(`${panel.title}.png`, picture())}>
                PNG
              </button>
            )}
            <button
              type="button"
              class="plain"
              onClick={() => saveFile(`${panel.title}.csv`, csvAddress(panel, body))}
            >
              CSV
            </button>
          </div>
        )}
      </div>
      <Content {...{ panel, state, isTable, onDrawn, onRetry }} />
      {state?.standing && <Freshness standing={state.standing} />}
      {state && <WhyPanel key={address} api={api} address={address} />}
    </section>
  );
}

interface ContentProps {
  readonly panel: Panel;
  readonly state: PanelState | undefined;
  readonly isTable: boolean;
  readonly onDrawn: (picture: (() => string) | null) => void;
  readonly onRetry: () => void;
}

function Content({ panel, state, isTable, onDrawn, onRetry }: ContentProps) {
  if (!state) return <div class="skeleton" aria-hidden="true" />;
  const { content } = state;
  if ('problem' in content)
    return (
      <div role="alert">
        <p class="bad">
          {content.problem.detail} <span class="quiet">({content.problem.code})</span>
        </p>
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      </div>
    );
  const styles = panel.values as Readonly<Record<string, ValueStyle>>;
  if (!isChart(content))
    return <Figures body={content} styles={styles} isSummary={panel.type === 'summary'} />;
  if (content.data.labels.length === 0) return <p class="empty">There is nothing for these choices.</p>;
  if (isTable || content.data.type === 'table')
    return <DataTable title={panel.title} rows={rowsOf(panel, content)} />;
  return <ChartView title={panel.title} data={content.data} styles={styles} onDrawn={onDrawn} />;
}

function Freshness({ standing }: { standing: Standing }) {
  const [nowMs, setNowMs] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 5000);
    return () => clearInterval(timer);
  }, []);
  const age = standing.age + Math.max(0, Math.round((nowMs - standing.atMs) / 1000));
  return (
    <p class="note">
      {standing.isStale && <strong class="warn">Being renewed · </strong>}
      {words(age)} old, {LAYERS[standing.layer] ?? standing.layer}
    </p>
  );
}

function words(seconds: number): string {
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

function csvAddress(panel: Panel, body: RecordBody | ChartBody): string {
  // A byte order mark, by which spreadsheets know UTF-8.
  return URL.createObjectURL(new Blob([`\uFEFF${csvOf(rowsOf(panel, body))}`], { type: 'text/csv' }));
}

import { useState } from 'preact/hooks';
import type { Api } from '../shared/api.js';
import { type Credential, SignIn } from '../shared/sign-in.js';
import { ThemeChoice } from '../shared/theme-choice.js';
import { Administration } from './administration.js';
import type { EnabledStatisticsBody } from './answers.js';
import { Attention } from './attention.js';
import { Events } from './events.js';
import { timeOfDay } from './format.js';
import { Health } from './health.js';
import { History } from './history.js';
import { LatencyTable, PanelsTable, ProcessesTable } from './tables.js';
import { Targets } from './targets.js';
import { type Monitor, type Seen, useMonitor } from './use-monitor.js';

/** All of the page. */
export function MonitoringPage({ api }: { api: Api }) {
  const monitor = useMonitor(api);
  const [isAsked, setIsAsked] = useState(false);
  const { seen, problem, refresh } = monitor;
  const isRefused = seen === null && (problem?.status === 401 || problem?.status === 403);
  const signIn = (credential: Credential | null) => {
    api.credential = credential;
    setIsAsked(false);
    void refresh();
  };
  const refusal = isRefused ? problem : (seen?.switches.problem ?? null);
  return (
    <>
      <Header monitor={monitor} isSignedIn={api.credential !== null} onSignOut={() => signIn(null)} />
      <main>
        {isAsked || isRefused ? (
          <SignIn problem={refusal} onSignIn={signIn} onCancel={isRefused ? null : () => setIsAsked(false)} />
        ) : seen ? (
          <Body api={api} seen={seen} onSignIn={() => setIsAsked(true)} onDone={refresh} />
        ) : (
          <p class="empty">{problem ? problem.detail : 'Asking for the figures…'}</p>
        )}
      </main>
    </>
  );
}

interface HeaderProps {
  readonly monitor: Monitor;
  readonly isSignedIn: boolean;
  readonly onSignOut: () => void;
}

function Header({ monitor: { seen, problem }, isSignedIn, onSignOut }: HeaderProps) {
  return (
    <header>
      <div class="bar">
        <h1>
          <span class="quiet">dashcache</span> Monitoring
        </h1>
        <p role="status" class="health">
          {healthInWords(seen, problem !== null)}
        </p>
        <nav aria-label="Pages">
          {seen && <span class="quiet">as of {timeOfDay(seen.atMs)}</span>}
          <a href="./">Dashboards</a>
          <ThemeChoice />
          {isSignedIn && (
            <button type="button" class="plain" onClick={onSignOut}>
              Sign out
            </button>
          )}
        </nav>
      </div>
      {problem && seen && (
        <p class="banner">
          <strong>Not up to date.</strong> {problem.detail} The figures are of {timeOfDay(seen.atMs)}.
        </p>
      )}
    </header>
  );
}

function healthInWords(seen: Seen | null, hasFailed: boolean) {
  if (hasFailed) return <span class="bad">✕ No answer</span>;
  if (!seen) return <span class="quiet">○ Asking</span>;
  const { ready, switches } = seen;
  if (ready.problem) return <span class="bad">✕ Starting or stopping</span>;
  if (ready.value.degraded.length > 0)
    return <span class="bad">✕ Degraded: {ready.value.degraded.join(', ')}</span>;
  if (switches.value?.enabled === false) return <span class="warn">! The cache is switched off</span>;
  return <span class="good">✓ Works</span>;
}

interface BodyProps {
  readonly api: Api;
  readonly seen: Seen;
  readonly onSignIn: () => void;
  readonly onDone: () => Promise<void>;
}

function Body({ api, seen, onSignIn, onDone }: BodyProps) {
  const { statistics } = seen;
  return (
    <>
      {statistics.enabled ? (
        <Figures api={api} seen={seen} statistics={statistics} />
      ) : (
        <p class="card empty">
          Nothing is counted, because CACHE_MONITORING is false. Set it to true and start the service again.
        </p>
      )}
      <Administration api={api} seen={seen} onSignIn={onSignIn} onDone={onDone} />
      <Events events={seen.events} />
    </>
  );
}

interface FiguresProps {
  readonly api: Api;
  readonly seen: Seen;
  readonly statistics: EnabledStatisticsBody;
}

function Figures({ api, seen, statistics }: FiguresProps) {
  const { panels, sources, latency, processes, reach } = statistics;
  const budgets = sources.map(({ budget_per_minute }) => budget_per_minute).filter((one) => one !== null);
  const targetOf = (name: string) => statistics.targets.find((target) => target.name === name)?.target ?? 0;
  return (
    <>
      <Targets statistics={statistics} />
      <Health ready={seen.ready} sources={sources} />
      <History
        api={api}
        queriesTarget={targetOf('source_queries')}
        redisTargetBytes={targetOf('redis_memory')}
        budget={budgets.length === 0 ? null : budgets.reduce((sum, one) => sum + one, 0)}
      />
      <section aria-labelledby="panels">
        <h2 id="panels">Panels</h2>
        <Attention panels={panels} events={seen.events.value?.events ?? null} />
        <div class="card">
          <PanelsTable panels={panels} />
        </div>
      </section>
      <section class="card" aria-labelledby="latency">
        <h2 id="latency">Latency</h2>
        <LatencyTable latency={latency} />
      </section>
      <section class="card" aria-labelledby="processes">
        <h2 id="processes">Processes</h2>
        {reach === 'process' && (
          <p class="note">
            Only the process that answers: without Redis, or while it does not answer, each knows of itself
            alone.
          </p>
        )}
        <ProcessesTable processes={processes} />
      </section>
    </>
  );
}

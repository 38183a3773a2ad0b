import { useEffect, useMemo, useState } from 'preact/hooks';
import { type CatalogueEntry, createClient, DashcacheProblem } from '../../client/index.js';
import { type Credential, SignIn } from '../shared/sign-in.js';
import { DashboardView } from './dashboard-view.js';
import { hashOf, type Route, routeOf } from './route.js';

/** The page: the list of dashboards, or one of them, as the address says. */
export function App() {
  const [credential, setCredential] = useState<Credential | null>(null);
  const [entries, setEntries] = useState<readonly CatalogueEntry[] | null>(null);
  const [problem, setProblem] = useState<DashcacheProblem | null>(null);
  const route = useRoute();
  const client = useMemo(() => {
    const { kind = null, text = '' } = credential ?? {};
    const baseUrl = new URL('.', document.baseURI).href;
    return createClient({
      baseUrl,
      ...(kind === 'token' && { token: text }),
      ...(kind === 'key' && { apiKey: text }),
    });
  }, [credential]);
  useEffect(() => {
    setProblem(null);
    client.catalogue().then(
      ({ body }) => setEntries(body.dashboards),
      (error: unknown) =>
        setProblem(error instanceof DashcacheProblem ? error : new DashcacheProblem(0, null, null)),
    );
  }, [client]);
  const entry = entries?.find(({ id }) => id === route.dashboardId);
  useEffect(() => {
    document.title = `${entry?.title ?? 'Dashboards'} · dashcache`;
  }, [entry]);
  return (
    <>
      <button type="button" class="unseen" onClick={() => document.getElementById('content')?.focus()}>
        To the content
      </button>
      <header>
        <div class="bar">
          <a class="home" href="#/">
            Dashboards
          </a>
          <nav aria-label="Pages">
            <a href="monitoring">Monitoring</a>
            <a href="documentation">API</a>
          </nav>
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        {problem?.status === 401 ? (
          <>
            <h1>Dashboards</h1>
            <SignIn problem={{ detail: problem.message }} onSignIn={setCredential} onCancel={null} />
          </>
        ) : problem ? (
          <p role="alert" class="bad">
            {problem.status === 0 ? 'The service cannot be reached. ' : `${problem.message} `}
            <button type="button" onClick={() => location.reload()}>
              Try again
            </button>
          </p>
        ) : entry ? (
          <DashboardView
            key={entry.id}
            {...{ client, entry, params: route.params }}
            onParams={(params) => go({ dashboardId: entry.id, params }, true)}
          />
        ) : (
          <List entries={entries} isUnknown={entries !== null && route.dashboardId !== null} />
        )}
      </main>
    </>
  );
}

function List({ entries, isUnknown }: { entries: readonly CatalogueEntry[] | null; isUnknown: boolean }) {
  if (entries === null) return <div class="skeleton" aria-hidden="true" />;
  return (
    <>
      <h1>Dashboards</h1>
      {isUnknown && <p role="alert">There is no such dashboard. These are there:</p>}
      {entries.length === 0 && (
        <p class="empty">None is declared yet: a YAML file in the folder of definitions makes one.</p>
      )}
      <ul class="list">
        {entries.map(({ id, title, panels }) => (
          <li key={id} class="card">
            <a href={hashOf({ dashboardId: id, params: {} })}>{title}</a>
            <p class="note">{panels.map((panel) => panel.title).join(' · ')}</p>
          </li>
        ))}
      </ul>
    </>
  );
}

function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const listen = () => setHash(location.hash);
    addEventListener('hashchange', listen);
    return () => removeEventListener('hashchange', listen);
  }, []);
  return useMemo(() => routeOf(hash), [hash]);
}

/** In the place of the address, where only choices change: the way back leads out of the dashboard. */
function go(route: Route, isReplaced: boolean): void {
  const hash = hashOf(route);
  if (!isReplaced) location.hash = hash;
  else {
    history.replaceState(null, '', hash);
    dispatchEvent(new HashChangeEvent('hashchange'));
  }
}

import { useEffect, useMemo, useState } from 'preact/hooks';
import { type CatalogueEntry, createClient, DashcacheProblem } from '../../client/index.js';
import { Api } from '../shared/api.js';
import { Field } from '../shared/field.js';
import { type Credential, SignIn } from '../shared/sign-in.js';
import { ThemeChoice } from '../shared/theme-choice.js';
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
  const api = useMemo(() => {
    const made = new Api();
    made.credential = credential;
    return made;
  }, [credential]);
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
            <ThemeChoice />
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
            {...{ client, api, entry, params: route.params }}
            onRefused={setProblem}
            onParams={(params) => go({ dashboardId: entry.id, params }, true)}
          />
        ) : (
          <List entries={entries} isUnknown={entries !== null && route.dashboardId !== null} />
        )}
      </main>
    </>
  );
}

/** Fewer are found at a glance. */
const SEARCHED_FROM_COUNT = 6;

function List({ entries, isUnknown }: { entries: readonly CatalogueEntry[] | null; isUnknown: boolean }) {
  const [sought, setSought] = useState('');
  if (entries === null) return <div class="skeleton" aria-hidden="true" />;
  const found = entries.filter((entry) => isFound(entry, sought));
  return (
    <>
      <h1>Dashboards</h1>
      {isUnknown && <p role="alert">There is no such dashboard. These are there:</p>}
      {entries.length === 0 && (
        <p class="empty">None is declared yet: a YAML file in the folder of definitions makes one.</p>
      )}
      {entries.length >= SEARCHED_FROM_COUNT && (
        <Field title="Search">
          <input
            type="search"
            value={sought}
            onInput={({ currentTarget }) => setSought(currentTarget.value)}
          />
        </Field>
      )}
      <p class="unseen" role="status">
        {sought !== '' && `${found.length} of ${entries.length}`}
      </p>
      {found.length === 0 && entries.length > 0 && <p class="empty">Nothing is called like that.</p>}
      <ul class="list">
        {found.map(({ id, title, panels }) => (
          <li key={id} class="card">
            <a href={hashOf({ dashboardId: id, params: {} })}>{title}</a>
            <p class="note">{panels.map((panel) => panel.title).join(' · ')}</p>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Every word stands in the name of the dashboard or of one of its panels. */
function isFound({ id, title, panels }: CatalogueEntry, sought: string): boolean {
  const text = [id, title, ...panels.map((panel) => panel.title)].join(' ').toLowerCase();
  const words = sought.toLowerCase().split(/\s+/);
  return words.every((word) => text.includes(word));
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

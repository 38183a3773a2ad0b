import type { Result } from '../shared/api.js';
import type { EnabledStatisticsBody, Ready } from './answers.js';
import { SourcesTable } from './tables.js';

/** What does not work now, and the sources. */
export function Health({
  ready,
  sources,
}: {
  ready: Result<Ready>;
  sources: EnabledStatisticsBody['sources'];
}) {
  const degraded = ready.value?.degraded ?? [];
  return (
    <section class="card" aria-labelledby="health">
      <h2 id="health">Sources, feeds and breakers</h2>
      {ready.problem ? (
        <p class="bad">✕ {ready.problem.detail}</p>
      ) : degraded.length === 0 ? (
        <p class="good">✓ Redis, sources, feeds and definitions work, and no breaker is open.</p>
      ) : (
        <ul class="plain-list">
          {degraded.map((name) => (
            <li key={name}>
              <span class="bad">✕ {name}</span> {inWords(name)}
            </li>
          ))}
        </ul>
      )}
      <SourcesTable sources={sources} degraded={degraded} />
    </section>
  );
}

function inWords(name: string): string {
  const [kind = '', of = ''] = name.split(':');
  const words: Readonly<Record<string, string>> = {
    redis: 'does not answer. Readers are served from memory and the sources; look at REDIS_URL and the log.',
    source: `The source ${of} does not answer, so it is asked once a second only. Entries are served stale where they may be.`,
    feed: `The change feed of ${of} is silent: its changes show when a ttl ends. Look at the database and the log.`,
    definitions:
      'The files say something that was refused; the last good ones stay in force: dashcache validate.',
    identity: 'Keys or tokens cannot be read anew; the last good ones stay in force. Look at the log.',
  };
  return words[kind] ?? 'is degraded. The log says more.';
}

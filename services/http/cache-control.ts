import type { Panel } from '../definitions/model.js';

export const NO_STORE = 'no-store';

/**
 * Cache-Control of data answers: what a client may reuse, apart from ttl and grace, because no purge reaches a browser.
 * `shared` where neither a tenant nor an identity decides what is seen.
 */
export function cacheControl(client: Panel['client'], shared: boolean): string {
  const visibility = shared ? 'public' : 'private';
  return (
    `${visibility}, max-age=${seconds(client.maxAgeMs)}` +
    `, stale-while-revalidate=${seconds(client.staleMs)}, stale-if-error=${seconds(client.staleIfErrorMs)}`
  );
}

/** Of several panels in one answer the strictest wins. */
export function strictestClient(clients: readonly Panel['client'][]): Panel['client'] {
  const least = (pick: (client: Panel['client']) => number) =>
    clients.length === 0 ? 0 : Math.min(...clients.map(pick));
  return {
    maxAgeMs: least((client) => client.maxAgeMs),
    staleMs: least((client) => client.staleMs),
    staleIfErrorMs: least((client) => client.staleIfErrorMs),
  };
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}

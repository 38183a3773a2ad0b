import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Lifetime } from '../test/helpers/lifetime.js';
import { ask } from '../test/integration/support/ask.js';

const POLL_EVERY_MS = 5;
const GIVEN_UP_MS = 10_000;
/** Before the next row; a key is refreshed five times a second at most, so a row alone comes after a pause. */
const PAUSE_MS = 250;
const PAUSE_MORE_MS = 250;

export interface Probes {
  readonly url: string;
  /** Whose row it is. */
  readonly siteId: number;
  readonly count: number;
  /** Of the processes that are asked. */
  readonly services: readonly { readonly url: string }[];
}

/** For each process, in their order: ms from each acknowledged commit to the first answer with its row. */
export async function commitProbes(
  life: Lifetime,
  { url, siteId, count, services }: Probes,
): Promise<readonly (readonly number[])[]> {
  const client = new pg.Client(url);
  await client.connect();
  life.teardown(() => client.end());
  const readers = services.map((service) => new PollingReader(life, service.url, siteId));
  const delaysMs: number[][] = services.map(() => []);
  for (let mark = 1; mark <= count; mark++) {
    await client.query('INSERT INTO tasks (site_id, mark) VALUES ($1, $2)', [siteId, mark]);
    const committedMs = performance.now();
    const arrivals = await Promise.all(readers.map((reader) => reader.sees(mark)));
    arrivals.forEach((atMs, index) => {
      delaysMs[index]?.push(atMs - committedMs);
    });
    await sleep(PAUSE_MS + Math.random() * PAUSE_MORE_MS);
  }
  return delaysMs;
}

/** Asks one process over one connection, every few ms. */
class PollingReader {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #address: string;

  constructor(life: Lifetime, url: string, siteId: number) {
    this.#address = `${url}/dashboards/shop/metrics?site_id=${siteId}`;
    life.teardown(() => this.#agent.destroy());
  }

  /** When the answer that holds this mark was there. */
  async sees(mark: number): Promise<number> {
    const endMs = performance.now() + GIVEN_UP_MS;
    while (performance.now() < endMs) {
      const answer = await ask(this.#address, { agent: this.#agent });
      const atMs = performance.now();
      if (answer.json<{ data: { mark: number } }>().data.mark >= mark) return atMs;
      await sleep(POLL_EVERY_MS);
    }
    throw new Error(`${this.#address} has not shown ${mark} within ${GIVEN_UP_MS} ms`);
  }
}

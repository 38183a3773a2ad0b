import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeldDatabase } from '../../helpers/held-database.js';
import { json, type ScriptedUpstream, startScriptedUpstream } from '../../helpers/scripted-upstream.js';
import {
  nameOf,
  type Reading,
  type Replica,
  type Selection,
  type Trial,
} from '../../helpers/stale-fill-trials.js';
import type { Service } from '../../helpers/start-service.js';
import { ask } from './ask.js';
import { builtService } from './built-service.js';
import { tell } from './two-processes.js';

export interface StaleFillWorldOptions {
  /** Settings of the services: where their Redis is. */
  readonly environment: Readonly<Record<string, string>>;
  readonly replicasCount: number;
  readonly lanesCount: number;
  /** Broken on purpose: the services compare no generations. */
  readonly isUncompared?: boolean;
}

/** Built services for trials over HTTP, and the source that they share. */
export interface StaleFillWorld {
  readonly replicas: readonly Replica[];
  readonly database: HeldDatabase;
  stop(): Promise<void>;
}

export async function startStaleFillWorld(options: StaleFillWorldOptions): Promise<StaleFillWorld> {
  const upstream = await startScriptedUpstream();
  const folder = mkdtempSync(join(tmpdir(), 'dashcache-stale-fill-'));
  const agent = new Agent({ keepAlive: true });
  const services: Service[] = [];
  const stop = async () => {
    agent.destroy();
    await Promise.all(services.map((service) => service.stop()));
    await upstream.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const { replicasCount, lanesCount, isUncompared = false } = options;
  writeDefinitions(folder, upstream.url, lanesCount);
  // Those that compare must not meet what the others keep.
  const prefix = isUncompared ? 'uncompared:' : 'dc:';
  const settings = { DASHCACHE_CONFIG: folder, REDIS_PREFIX: prefix, LOG_LEVEL: 'warn' };
  const environment = { ...settings, ...options.environment };
  const starting = Array.from({ length: replicasCount }, async () => {
    services.push(await builtService({ environment, isUncompared }));
  });
  try {
    await Promise.all(starting);
  } catch (error) {
    await Promise.allSettled(starting);
    await stop();
    throw error;
  }
  const database = new HeldDatabase();
  const replicas = services.map((service) => new HttpReplica(service, { agent, database, upstream }));
  return { replicas, database, stop };
}

/** One dashboard a lane, so that each has a tag, a panel and a tenant for itself. */
function writeDefinitions(folder: string, sourceUrl: string, lanesCount: number): void {
  mkdirSync(folder, { recursive: true });
  const source = `{ type: http, url: "${sourceUrl}", concurrency: ${2 * lanesCount} }`;
  writeFileSync(join(folder, 'dashcache.yaml'), `sources:\n  legacy: ${source}\n`);
  for (let lane = 0; lane < lanesCount; lane++)
    writeFileSync(
      join(folder, `lane_${lane}.yaml`),
      `
id: lane_${lane}
source: legacy
params:
  tenant: { type: integer, tenant: true }
  key: { type: integer }
metrics: { path: "/:tenant/:key", tags: [tag_${lane}], ttl: 1h }
`,
    );
}

const SELECTED: Readonly<Record<Selection, (lane: number) => object>> = {
  tag: (lane) => ({ tags: [`tag_${lane}`] }),
  panel: (lane) => ({ dashboard: `lane_${lane}`, panel: 'metrics' }),
  tenant: (lane) => ({ all: true, tenant: String(lane) }),
};

interface HttpReplicaParts {
  readonly agent: Agent;
  readonly database: HeldDatabase;
  readonly upstream: ScriptedUpstream;
}

class HttpReplica implements Replica {
  readonly #service: Service;
  readonly #parts: HttpReplicaParts;

  constructor(service: Service, parts: HttpReplicaParts) {
    this.#service = service;
    this.#parts = parts;
  }

  async read(trial: Trial): Promise<Reading> {
    const { agent, database, upstream } = this.#parts;
    const name = nameOf(trial);
    upstream.on(name, async (request, response) =>
      json({ version: await database.query(name) })(request, response),
    );
    const path = `/dashboards/lane_${trial.lane}/metrics?tenant=${trial.lane}&key=${trial.key}`;
    // A connection that fails is a read that is not answered.
    const answer = await ask(this.#service.url + path, { agent }).catch(() => null);
    if (answer?.status !== 200)
      return { version: null, isUnproven: false, how: `status ${answer?.status ?? 'none'}` };
    const { data } = answer.json<{ data: { version: number } }>();
    const how = answer.cacheStatus;
    return { version: data.version, isUnproven: how.includes('unproven'), how };
  }

  async purge({ lane }: Trial, by: Selection): Promise<boolean> {
    const { agent } = this.#parts;
    const answer = await tell(this.#service, '/cache/invalidations', { body: SELECTED[by](lane), agent });
    return answer.status === 200;
  }
}

import { HeldDatabase } from './held-database.js';
import { PanelProcess } from './panel-process.js';

/** Processes that share a Redis and a database. */
export interface PanelWorld {
  readonly replicas: readonly PanelProcess[];
  readonly database: HeldDatabase;
  stop(): void;
}

/** Each has a DashboardCacheService of its own; `isUncompared`: broken on purpose, and on keys of its own in Redis. */
export async function startPanelWorld(options: {
  redisUrl: string;
  processesCount: number;
  isUncompared?: boolean;
}): Promise<PanelWorld> {
  const { redisUrl, processesCount, isUncompared = false } = options;
  const setup = { redisUrl, prefix: isUncompared ? 'uncompared:' : 'dc:', isUncompared };
  const database = new HeldDatabase();
  const query = (name: string) => database.query(name);
  const starting = Array.from({ length: processesCount }, () => PanelProcess.start(setup, query));
  const replicas = await Promise.all(starting);
  return {
    replicas,
    database,
    stop: () => {
      for (const one of replicas) one.stop();
    },
  };
}
